#include "scenes.h"

#include <string.h>

#define DAY (24 * 60 * 60)

/* Everything that a token may not be trusted with, in one name. */
#define HOSTILE                                                                                                                                                        \
  "<b>A & B</b> _under_score %s \\ /../ "                                                                                                                              \
  "非常非常非常非常非常非常非常非常非常非常非常非常长的公司名称以及更多文字以及更多文字以及更多文字以及更多文字" \
  " and words and words and words and words and words and words and words and words and words and words"

typedef struct
{
  const char *holder, *organization, *issuer;
  int from, until;  /* days from now */
  const char *code; /* credit code */
  const char *card; /* number of a person, who pays taxes by it */
} Owner;

static const Owner company = { "北京示例商贸有限公司", NULL, "北京数字认证（BJCA）", -322, 43, "91350100M000100Y43" };
static const Owner person = { "张三", "北京示例商贸有限公司", "Example CA", -30, 700, NULL, "11010519491231002X" };
static const Owner latin = { "Beijing Example Trading Co., Ltd.", NULL, "Beijing CA", -322, 43, "91350100M000100Y34" };
static const Owner expired = { "北京示例商贸有限公司", NULL, "北京数字认证（BJCA）", -400, -35 };
static const Owner future = { "示例", NULL, "Example CA", 3, 368 };
static const Owner hostile = { HOSTILE, HOSTILE, HOSTILE, -10, 355 };

static GBytes *
make_der (const char *holder, const char *place)
{
  g_autofree char *text = g_strdup_printf ("%s at %s", holder, place);
  gsize length = MIN (strlen (text), 120);
  GByteArray *der = g_byte_array_new ();
  guint8 head[] = { 0x30, length + 2, 0x04, length };

  g_byte_array_append (der, head, sizeof head);
  g_byte_array_append (der, (const guint8 *) text, length);
  return g_byte_array_free_to_bytes (der);
}

static Certificate *
make_certificate (const Owner *owner, const char *place, CertificateRole role, const char *key)
{
  Certificate *certificate = certificate_new ();

  certificate->id = g_strdup (place);
  certificate->role = role;
  certificate->holder = g_strdup (owner->holder);
  certificate->organization = g_strdup (owner->organization);
  certificate->issuer_name = g_strdup (owner->issuer);
  certificate->subject = g_strdup_printf ("CN=%s, O=%s, L=北京市, C=CN", owner->holder,
                                          owner->organization ? owner->organization : owner->holder);
  certificate->issuer = g_strdup_printf ("CN=%s, O=Example Certification Authority, C=CN", owner->issuer);
  certificate->serial = g_strdup_printf ("1A2B3C4D5E6F70%02X", 0x81 + role);
  certificate->not_before = SCENES_NOW + (gint64) owner->from * DAY;
  certificate->not_after = SCENES_NOW + (gint64) owner->until * DAY + 3600;
  certificate->key = g_strdup (key);
  certificate->signature_algorithm = g_strdup ("ecdsa-with-SHA256");
  certificate->usages = g_strsplit ("digitalSignature,nonRepudiation,clientAuth", ",", -1);
  certificate->alternative_names = g_strsplit ("email:info@example.com", ",", -1);
  if (owner->code)
    g_ptr_array_add (certificate->identities, identity_new (IDENTITY_USCC, owner->code, NULL));
  if (owner->card)
    {
      g_ptr_array_add (certificate->identities, identity_new (IDENTITY_TAXPAYER_ID, owner->card, NULL));
      g_ptr_array_add (certificate->identities, identity_new (IDENTITY_ID_CARD, owner->card, NULL));
    }
  certificate->der = make_der (owner->holder, place);
  certificate->sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, certificate->der);
  certificate->sha1 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA1, certificate->der);
  return certificate;
}

static Token *
make_token (const Owner *owner, const char *serial, guint n_certificates)
{
  static const struct
  {
    const char *place, *key;
    CertificateRole role;
  } places[] = { { "9c", "EC P-256", CERTIFICATE_ROLE_SIGNATURE },
                 { "9a", "RSA 2048", CERTIFICATE_ROLE_AUTHENTICATION },
                 { "9d", "EC P-256", CERTIFICATE_ROLE_ENCRYPTION },
                 { "9e", "RSA 2048", CERTIFICATE_ROLE_OTHER } };
  Token *token = token_new (TOKEN_FAMILY_PIV);
  Pin *pin = pin_new ("user");

  token->label = g_strdup ("USB key");
  token->serial = g_strdup (serial);
  pin->tries_left = 8;
  pin->tries_max = 10;
  g_ptr_array_add (token->pins, pin);
  for (guint i = 0; i < MIN (n_certificates, G_N_ELEMENTS (places)); i++)
    g_ptr_array_add (token->certificates, make_certificate (owner, places[i].place, places[i].role, places[i].key));
  token_set_identity (token);
  token->complete = TRUE;
  return token;
}

static Token *
make_unfinished (const Owner *owner, guint n_certificates)
{
  Token *token = make_token (owner, "12344821", n_certificates);

  token->complete = FALSE;
  token->steps_done = 3;
  token->steps_total = 8;
  return token;
}

/* Takes TOKEN. Without one the slot is what FAILURE makes of it: being read, or failed. */
static void
add_slot (World **world, ReaderList *list, const char *reader, Token *token, ErrorCode failure)
{
  WorldEvent event = { .reader = reader, .token = token, .failure = failure };
  g_autoptr (World) before = *world;
  g_autoptr (World) inserted = NULL;

  g_ptr_array_add (list->readers,
                   reader_event_new (reader, failure == ERROR_TOKEN_MUTE ? READER_MUTE : READER_PRESENT, 1));
  inserted = world_apply (before, &(WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
  event.generation = inserted->last_generation;
  event.kind = token ? token->complete ? WORLD_EVENT_TOKEN : WORLD_EVENT_PARTIAL : WORLD_EVENT_FAILURE;
  *world = (token || failure != ERROR_NONE) && failure != ERROR_TOKEN_MUTE ? world_apply (inserted, &event)
                                                                           : world_ref (inserted);
  if (token)
    token_unref (token);
}

#define ONE "Example Token Reader 00 00"
#define TWO "Example Token Reader 01 00"

static Token *
make_unreadable (void)
{
  Token *token = make_token (&company, "12344821", 2);

  token->unreadable = g_strsplit ("9d,9e", ",", -1);
  return token;
}

static Token *
make_nameless (void)
{
  Token *token = make_token (&company, NULL, 0);
  Pin *pin = token->pins->pdata[0];

  pin->blocked = TRUE;
  pin->tries_left = 0;
  return token;
}

/* What is inserted in each scene: up to two slots. */
typedef struct
{
  const char *name;
  const char *reader; /* of the first slot, where the name matters */
  ErrorCode service;
  gboolean unknown; /* the watcher has not spoken */
  gboolean no_reader;
  struct
  {
    const Owner *owner;
    guint n_certificates;
    const char *serial;
    Token *(*make) (void);
    gboolean unfinished, reading;
    ErrorCode failure;
  } slots[2];
} Scene;

static const Scene scenes[] = {
  { .name = "start", .unknown = TRUE },
  { .name = "none" },
  { .name = "no-reader", .no_reader = TRUE },
  { .name = "one", .slots = { { &company, 4, "12344821" } } },
  { .name = "latin", .slots = { { &latin, 4, "12344821" } } },
  { .name = "two", .slots = { { &company, 4, "12344821" }, { &person, 1, "77770093" } } },
  { .name = "other", .slots = { { &person, 1, "77770093" } } },
  { .name = "expired", .slots = { { &expired, 2, "12344821" } } },
  { .name = "future", .slots = { { &future, 1, "5551" } } },
  { .name = "hostile", .slots = { { &hostile, 4, "99" }, { &company, 2, "12344821" } } },
  { .name = "reading", .slots = { { .reading = TRUE } } },
  { .name = "partial", .slots = { { &company, 0, .unfinished = TRUE } } },
  { .name = "partial-more", .slots = { { &company, 2, .unfinished = TRUE } } },
  { .name = "nothing-on-it", .slots = { { .make = make_nameless } } },
  { .name = "unreadable", .slots = { { .make = make_unreadable }, { .failure = ERROR_TOKEN_UNKNOWN } } },
  { .name = "mute", .slots = { { .failure = ERROR_TOKEN_MUTE } } },
  { .name = "unknown", .slots = { { .failure = ERROR_TOKEN_UNKNOWN } } },
  { .name = "markup", .reader = "A & B <reader>", .slots = { { .failure = ERROR_TOKEN_UNKNOWN } } },
  { .name = "stopped", .service = ERROR_SERVICE_STOPPED, .no_reader = TRUE },
  { .name = "denied", .service = ERROR_SERVICE_DENIED, .no_reader = TRUE },
};

static World *
make_world (const Scene *scene, guint generation)
{
  const char *const readers[] = { scene->reader ? scene->reader : ONE, TWO };
  g_autoptr (ReaderList) list = reader_list_new (scene->service, 1);
  g_autoptr (World) blank = world_new ();
  World *world;

  blank->last_generation = generation - 1;
  if (scene->unknown)
    return g_steal_pointer (&blank);
  world = world_apply (blank, &(WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
  for (guint i = 0; i < G_N_ELEMENTS (scene->slots); i++)
    {
      typeof (&scene->slots[i]) slot = &scene->slots[i];
      Token *token = slot->make         ? slot->make ()
                     : slot->unfinished ? make_unfinished (slot->owner, slot->n_certificates)
                     : slot->owner      ? make_token (slot->owner, slot->serial, slot->n_certificates)
                                        : NULL;

      if (token || slot->reading || slot->failure != ERROR_NONE)
        add_slot (&world, list, readers[i], token, slot->failure);
    }
  if (list->readers->len == 0 && !scene->no_reader)
    {
      g_autoptr (World) before = world;

      g_ptr_array_add (list->readers, reader_event_new (ONE, READER_EMPTY, 0));
      world = world_apply (before, &(WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
    }
  return world;
}

View *
scenes_build (const char *name, guint generation)
{
  for (gsize i = 0; i < G_N_ELEMENTS (scenes); i++)
    if (strcmp (scenes[i].name, name) == 0)
      {
        g_autoptr (World) world = make_world (&scenes[i], generation);
        g_autoptr (Judgement) judgement = judge (world, NULL, SCENES_NOW, &RULES_DEFAULT);

        return view_build (world, judgement);
      }
  return NULL;
}

const char *const *
scenes_list (void)
{
  static const char *names[G_N_ELEMENTS (scenes) + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (scenes); i++)
    names[i] = scenes[i].name;
  return names;
}
