/* What comes up from a library of PKCS #11 (module-host/pkcs11): slots with their tokens and public certificates. A
 * slot is a place where a token may be; a token with two PINs stands in two of them, and is one token here. PINs are in
 * pkcs11-pin. */
#include <string.h>

#include "model/text.h"
#include "module-kind.h"
#include "pkcs11-pin.h"
#include "x509.h"

#define HARDWARE (CKF_HW_SLOT | CKF_REMOVABLE_DEVICE)
#define MAX_ID   32 /* bytes of CKA_ID that are still a name: those of a hash */

typedef struct
{
  GPtrArray *tokens;      /* ModuleToken */
  GPtrArray *who;         /* of each: its maker and serial number, or "" */
  ModuleToken *token;     /* that the records are about, or NULL */
  CK_SLOT_ID slot;        /* … */
  CK_SLOT_INFO slot_info; /* … */
  gboolean has_slot;
  gboolean initialized; /* the token */
  char *id;             /* of the certificate that comes, or NULL */
} Parsing;

/* ---- text ---- */

/* LENGTH bytes without a character that the end of the field has cut in two. */
static gsize
drop_half_character (const char *bytes, gsize length)
{
  const char *end;

  if (g_utf8_validate (bytes, (gssize) length, &end))
    return length;
  return g_utf8_get_char_validated (end, bytes + length - end) == (gunichar) -2 ? (gsize) (end - bytes) : length;
}

/* A field of SIZE bytes, filled up with blanks (from some makers with NUL), in UTF-8 (from some in GB 18030): NULL
 * where nothing is in it. (transfer full) */
static char *
take_text (const CK_UTF8CHAR *field, gsize size)
{
  const char *bytes = (const char *) field;
  g_autofree char *other = NULL, *text = NULL;
  gsize length = size;

  while (length > 0 && (bytes[length - 1] == ' ' || bytes[length - 1] == '\0'))
    length--;
  if (length == size)
    length = drop_half_character (bytes, length);
  if (memchr (bytes, '\0', length) == NULL && !g_utf8_validate (bytes, (gssize) length, NULL))
    other = g_convert (bytes, (gssize) length, "UTF-8", "GB18030", NULL, NULL, NULL);
  text = g_strstrip (other != NULL ? text_clean (other, -1) : text_clean (bytes, (gssize) length));
  return *text != '\0' ? g_steal_pointer (&text) : NULL;
}

/* NULL where it tells no token from another. (transfer full) */
static char *
take_serial (const CK_TOKEN_INFO *info)
{
  g_autofree char *serial = take_text (info->serialNumber, sizeof info->serialNumber);

  return serial != NULL && strspn (serial, "0") < strlen (serial) ? g_steal_pointer (&serial) : NULL;
}

/* The PIN of this slot, if it has one; its label is that of the slot for the time being. */
static void
add_pin (Parsing *parsing, const CK_TOKEN_INFO *info)
{
  Token *token = parsing->token->token;
  Pin *pin = token->pins->len < TOKEN_MAX_PINS ? pkcs11_pin_new (info) : NULL;

  if (pin == NULL)
    return;
  pin->label = take_text (info->label, sizeof info->label);
  g_ptr_array_add (token->pins, pin);
  g_ptr_array_add (parsing->token->addresses, g_bytes_new (&parsing->slot, sizeof parsing->slot));
}

/* ---- certificates ---- */

static gboolean
is_id_taken (const Token *token, const char *id)
{
  for (guint i = 0; i < token->certificates->len; i++)
    if (strcmp (((Certificate *) token->certificates->pdata[i])->id, id) == 0)
      return TRUE;
  return token->unreadable != NULL && g_strv_contains ((const char *const *) token->unreadable, id);
}

/* The id of the certificate that comes: CKA_ID, or else its number. (transfer full) */
static char *
make_id (Parsing *parsing)
{
  const Token *token = parsing->token->token;
  guint n = token->certificates->len + (token->unreadable != NULL ? g_strv_length (token->unreadable) : 0) + 1;
  g_autofree char *plain = g_steal_pointer (&parsing->id);
  char *id;

  if (plain == NULL)
    plain = g_strdup_printf ("%u", n);
  id = g_strdup (plain);
  for (guint i = 2; is_id_taken (token, id); i++)
    {
      g_free (id);
      id = g_strdup_printf ("%s-%u", plain, i);
    }
  return id;
}

static void
take_id (Parsing *parsing, const ModuleRecord *record)
{
  g_autofree char *digits = NULL;

  g_clear_pointer (&parsing->id, g_free);
  if (record->length == 0 || record->length > MAX_ID)
    return;
  digits = text_from_bytes (record->bytes, record->length, '\0');
  parsing->id = g_ascii_strdown (digits, -1);
}

/* Once, where it stands in two slots. */
static void
add_unreadable (Parsing *parsing)
{
  Token *token = parsing->token->token;
  const char *const *others = (const char *const *) token->unreadable;
  gboolean known = parsing->id != NULL && others != NULL && g_strv_contains (others, parsing->id);
  g_autofree char *id = make_id (parsing);

  if (!known && (others == NULL || g_strv_length (token->unreadable) < TOKEN_MAX_CERTIFICATES))
    token_add_unreadable (token, id);
}

/* Empty ones are places that nothing has been put into. */
static void
add_certificate (Parsing *parsing, const ModuleRecord *record)
{
  Token *token = parsing->token->token;
  g_autoptr (Certificate) certificate = NULL;

  if (record->length > 0 && token->certificates->len < TOKEN_MAX_CERTIFICATES)
    {
      certificate = x509_parse (record->bytes, record->length, NULL);
      if (certificate == NULL)
        add_unreadable (parsing);
      else if (!token_find_certificate (token, certificate->sha256))
        {
          certificate->id = make_id (parsing);
          g_ptr_array_add (token->certificates, g_steal_pointer (&certificate));
        }
    }
  g_clear_pointer (&parsing->id, g_free);
}

/* Keys cannot be seen without a PIN: whoever may issue others, or has issued another one here, is an authority. */
static gboolean
is_authority (const Token *token, const Certificate *certificate)
{
  if (certificate->usages != NULL && g_strv_contains ((const char *const *) certificate->usages, "keyCertSign"))
    return TRUE;
  for (guint i = 0; i < token->certificates->len && certificate->subject != NULL; i++)
    {
      const Certificate *other = token->certificates->pdata[i];

      if (g_strcmp0 (other->issuer, certificate->subject) == 0 && g_strcmp0 (other->subject, other->issuer) != 0)
        return TRUE;
    }
  return FALSE;
}

/* The holder's before the authorities'; among them by what they are for, the newest first; and by name, as a library
 * may give them in any order. */
static int
compare_certificates (gconstpointer one, gconstpointer another, gpointer token)
{
  static const int ranks[CERTIFICATE_N_ROLES] = { [CERTIFICATE_ROLE_AUTHENTICATION] = 0,
                                                  [CERTIFICATE_ROLE_SIGNATURE] = 1,
                                                  [CERTIFICATE_ROLE_OTHER] = 2,
                                                  [CERTIFICATE_ROLE_ENCRYPTION] = 3 };
  const Certificate *a = *(Certificate *const *) one, *b = *(Certificate *const *) another;
  int difference = is_authority (token, a) - is_authority (token, b);

  if (difference == 0)
    difference = ranks[a->role] - ranks[b->role];
  if (difference == 0)
    difference = (a->not_after < b->not_after) - (a->not_after > b->not_after);
  return difference != 0 ? difference : strcmp (a->id, b->id);
}

/* ---- slots and tokens ---- */

static gboolean
is_place_taken (const Parsing *parsing, const char *place)
{
  for (guint i = 0; i < parsing->tokens->len; i++)
    if (strcmp (((ModuleToken *) parsing->tokens->pdata[i])->place, place) == 0)
      return TRUE;
  return FALSE;
}

static char *
make_place (const Parsing *parsing)
{
  g_autofree char *plain = take_text (parsing->slot_info.slotDescription, sizeof parsing->slot_info.slotDescription);
  char *place;

  if (plain == NULL)
    plain = g_strdup_printf ("#%lu", parsing->slot);
  place = g_strdup (plain);
  for (guint i = 2; is_place_taken (parsing, place); i++)
    {
      g_free (place);
      place = g_strdup_printf ("%s (%u)", plain, i);
    }
  return place;
}

static ModuleToken *
find_token (const Parsing *parsing, const char *who)
{
  for (guint i = 0; *who != '\0' && i < parsing->tokens->len; i++)
    if (strcmp (parsing->who->pdata[i], who) == 0)
      return parsing->tokens->pdata[i];
  return NULL;
}

static ModuleToken *
add_token (Parsing *parsing, const CK_TOKEN_INFO *info, const char *who)
{
  ModuleToken *token = module_token_new (TOKEN_FAMILY_PKCS11);

  token->place = make_place (parsing);
  token->hardware = (parsing->slot_info.flags & HARDWARE) != 0;
  token->token->label = take_text (info->label, sizeof info->label);
  token->token->serial = take_serial (info);
  token->token->complete = TRUE;
  g_ptr_array_add (parsing->tokens, token);
  g_ptr_array_add (parsing->who, g_strdup (who));
  return token;
}

static void
take_slot (Parsing *parsing, const ModuleRecord *record)
{
  parsing->token = NULL;
  g_clear_pointer (&parsing->id, g_free);
  parsing->has_slot = record->length == sizeof parsing->slot + sizeof parsing->slot_info;
  if (!parsing->has_slot)
    return;
  memcpy (&parsing->slot, record->bytes, sizeof parsing->slot);
  memcpy (&parsing->slot_info, record->bytes + sizeof parsing->slot, sizeof parsing->slot_info);
}

static void
take_token (Parsing *parsing, const ModuleRecord *record)
{
  g_autofree char *serial = NULL, *maker = NULL, *who = NULL;
  CK_TOKEN_INFO info;

  if (!parsing->has_slot || record->length != sizeof info)
    return;
  parsing->has_slot = FALSE; /* it has one token */
  memcpy (&info, record->bytes, sizeof info);
  parsing->initialized = (info.flags & CKF_TOKEN_INITIALIZED) != 0;
  serial = take_serial (&info);
  maker = take_text (info.manufacturerID, sizeof info.manufacturerID);
  who = serial != NULL ? g_strdup_printf ("%s\n%s", serial, maker != NULL ? maker : "") : g_strdup ("");

  parsing->token = find_token (parsing, who);
  if (parsing->token == NULL && parsing->tokens->len < MODULE_MAX_TOKENS)
    parsing->token = add_token (parsing, &info, who);
  if (parsing->token != NULL)
    add_pin (parsing, &info);
}

static void
take_record (Parsing *parsing, const ModuleRecord *record)
{
  if (record->kind == WIRE_SLOT)
    take_slot (parsing, record);
  else if (record->kind == WIRE_TOKEN)
    take_token (parsing, record);
  else if (parsing->token == NULL)
    return;
  else if (record->kind == WIRE_ID)
    take_id (parsing, record);
  else if (record->kind == WIRE_SIGNATURE)
    add_certificate (parsing, record);
  else if (record->kind == WIRE_FAILED && parsing->initialized) /* in a token that is still raw there is nothing */
    add_unreadable (parsing);
}

/* Whether it is a slot that a library of software keeps ready for a token that somebody may create. */
static gboolean
is_blank (const ModuleToken *token)
{
  const Token *contents = token->token;

  return !token->hardware && contents->certificates->len == 0 && contents->pins->len == 0
         && contents->unreadable == NULL;
}

static GPtrArray *
parse (const GPtrArray *records)
{
  g_autoptr (GPtrArray) who = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *tokens = g_ptr_array_new_with_free_func ((GDestroyNotify) module_token_free);
  Parsing parsing = { .tokens = tokens, .who = who };

  for (guint i = 0; i < records->len; i++)
    take_record (&parsing, records->pdata[i]);
  g_free (parsing.id);

  for (guint i = tokens->len; i-- > 0;)
    {
      ModuleToken *token = tokens->pdata[i];

      pkcs11_pin_name_all (token->token);
      g_ptr_array_sort_with_data (token->token->certificates, compare_certificates, token->token);
      if (is_blank (token))
        g_ptr_array_remove_index (tokens, i);
    }
  return tokens;
}

const ModuleKind pkcs11_module = { .type = "pkcs11", .parse = parse, .explain = pkcs11_pin_explain };
