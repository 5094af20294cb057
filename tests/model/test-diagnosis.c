#include "model/diagnosis.h"

#include <locale.h>
#include <string.h>

#include "sample.h"

#define READER "Test Reader 00 00"
#define OTHER  "Other Reader (0012345678) 01 00"

#define YES                                                                                                            \
  {                                                                                                                    \
    DIAGNOSIS_KNOWN, TRUE                                                                                              \
  }
#define NO                                                                                                             \
  {                                                                                                                    \
    DIAGNOSIS_KNOWN, FALSE                                                                                             \
  }

/* A machine on which nothing is wrong. */
static const DiagnosisFacts well = {
  .usb = DIAGNOSIS_KNOWN,
  .devices = (DiagnosisDevice[]){ { 0x1050, 0x0407, (char *) "Yubico YubiKey", TRUE, TRUE } },
  .n_devices = 1,
  .drivers = DIAGNOSIS_KNOWN,
  .class_driver = TRUE,
  .installed = YES,
  .socket = YES,
  .listening = YES,
  .running = YES,
  .programs = DIAGNOSIS_KNOWN,
  .services = DIAGNOSIS_KNOWN,
  .tray = YES,
  .notifications = YES,
  .autostart = YES,
};

/* The diagnosis of FACTS and WORLD (taken) at NOW. */
static Diagnosis *
diagnose (const DiagnosisFacts *facts, World *world, gint64 now, const GPtrArray *issuers)
{
  g_autoptr (World) owned = world;
  Rules rules = RULES_DEFAULT;
  g_autoptr (Judgement) judgement = NULL;
  g_autoptr (View) view = NULL;

  rules.built = SAMPLE_NOW - DAYS (1);
  rules.issuers = issuers;
  judgement = judge (owned, NULL, now, &rules);
  view = view_build (owned, judgement);
  return diagnosis_new (facts, view);
}

static const DiagnosisRow *
find_row (const Diagnosis *diagnosis, const char *layer)
{
  for (guint i = 0; i < diagnosis->rows->len; i++)
    if (strcmp (((DiagnosisRow *) diagnosis->rows->pdata[i])->layer, layer) == 0)
      return diagnosis->rows->pdata[i];
  g_error ("no row %s", layer);
}

static void
assert_row (const Diagnosis *diagnosis, const char *layer, DiagnosisState state, const char *text, const char *remedy)
{
  const DiagnosisRow *row = find_row (diagnosis, layer);
  g_autofree char *described = diagnosis_describe_remedy (row);

  g_assert_cmpstr (row->text, ==, text);
  g_assert_cmpstr (diagnosis_state_to_string (row->state), ==, diagnosis_state_to_string (state));
  g_assert_cmpstr (described, ==, remedy);
  g_assert_cmpint (row->label != NULL, ==, row->remedy != DIAGNOSIS_REMEDY_NONE);
}

static World *
make_well (void)
{
  Token *token = sample_token ("12345678", 200);

  token_get_primary (token)->chain = CERTIFICATE_CHAIN_TRUSTED;
  return sample_world (READER, token);
}

/* A world whose service is not there, for this reason. */
static World *
make_failed (ErrorCode failure)
{
  g_autoptr (ReaderList) list = reader_list_new (failure, 1);

  return sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
}

/* A world with one reader, or none, and what is in it. */
static World *
make_seen (const char *reader, ReaderState state)
{
  g_autoptr (ReaderList) list = sample_readers (reader, state, 1);

  return sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
}

static World *
make_unread (ErrorCode failure)
{
  return sample_after (make_seen (READER, READER_PRESENT),
                       (WorldEvent){
                         .kind = WORLD_EVENT_FAILURE, .reader = READER, .generation = 1, .failure = failure });
}

static void
test_well (void)
{
  static const char *const rows[][2] = {
    { "usb", "Plugged in: Yubico YubiKey (1050:0407)." },
    { "driver", "The reader has a driver." },
    { "service-installed", "The smart card service (pcscd) is installed." },
    { "service-socket", "Programs can reach it." },
    { "service-running", "It is running." },
    { "service-answering", "It answers." },
    { "service-allowed", "You may use smart cards here." },
    { "reader", "The service sees Test Reader 00 00." },
    { "token", "1 token is inserted and has power." },
    { "applet", "The token is of a kind that is known: PIV." },
    { "certificate", "1 certificate has been read." },
    { "holder", "The certificate names 张三 · 北京示例商贸有限公司." },
    { "validity", "Valid until 2027-08-03 (200 days left)." },
    { "chain", "This computer trusts the issuer of the certificate." },
    { "pin", "3 of 3 tries left." },
    { "one-token", "Exactly one token is inserted." },
    { "programs", "No other program is connected." },
    { "vendor-service", "No software of an issuer is running that uses tokens too." },
    { "tray", "This desktop shows the icon." },
    { "notifications", "This desktop shows notifications." },
    { "autostart", "The assistant starts at login." },
    { "clock", "It shows 2027-01-15." },
  };
  g_autoptr (Diagnosis) diagnosis = diagnose (&well, make_well (), SAMPLE_NOW, NULL);

  g_assert_cmpuint (diagnosis->rows->len, ==, G_N_ELEMENTS (rows));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpstr (((DiagnosisRow *) diagnosis->rows->pdata[i])->layer, ==, rows[i][0]);
      assert_row (diagnosis, rows[i][0], DIAGNOSIS_OK, rows[i][1], NULL);
    }
  g_assert_cmpstr (diagnosis->summary, ==, "Nothing wrong was found");
}

/* With nothing known every row says what it could not know, and why. */
static void
test_nothing_known (void)
{
  const DiagnosisFacts facts = { 0 };
  g_autoptr (Diagnosis) diagnosis = diagnose (&facts, world_new (), SAMPLE_NOW, NULL);

  for (guint i = 0; i + 1 < diagnosis->rows->len; i++)
    {
      const DiagnosisRow *row = diagnosis->rows->pdata[i];

      g_assert_cmpint (row->state, ==, DIAGNOSIS_UNKNOWN);
      g_assert_nonnull (strstr (row->text, " not known."));
      g_assert_true (g_str_has_suffix (row->text, "No answer came in time.")
                     || g_str_has_suffix (row->text, "The smart card service has not been asked yet."));
    }
  g_assert_cmpstr (diagnosis->summary, ==, "Nothing wrong was found");
}

static void
test_usb (void)
{
  DiagnosisFacts facts = well;
  g_autoptr (Diagnosis) none = NULL, other = NULL, unseen = NULL, undriven = NULL, class = NULL, hidden = NULL;
  DiagnosisDevice token = { 0x055c, 0xe618, (char *) "Longmai", FALSE, FALSE };
  DiagnosisDevice reader = { 0x1234, 0x0001, (char *) "Reader", TRUE, FALSE };

  facts.scdaemon = TRUE;
  unseen = diagnose (&facts, make_seen (NULL, READER_EMPTY), SAMPLE_NOW, NULL);
  assert_row (unseen, "driver", DIAGNOSIS_OK, "There is a driver for it.", NULL);
  assert_row (
    unseen, "reader", DIAGNOSIS_PROBLEM,
    "The smart card service does not see what is plugged in. scdaemon (of gpg) is running and may hold it; it "
    "can be told to go by way of the service.",
    "printf 'disable-ccid\\npcsc-shared\\n' >> ~/.gnupg/scdaemon.conf; gpgconf --kill scdaemon");

  facts.devices = &token;
  undriven = diagnose (&facts, make_seen (NULL, READER_EMPTY), SAMPLE_NOW, NULL);
  assert_row (
    undriven, "driver", DIAGNOSIS_PROBLEM,
    "The smart card service has no driver for Longmai. Install the Linux software of its maker; the issuer of "
    "the certificate has it.",
    NULL);

  facts.devices = &reader;
  facts.class_driver = facts.scdaemon = FALSE;
  class = diagnose (&facts, make_seen (NULL, READER_EMPTY), SAMPLE_NOW, NULL);
  assert_row (class, "driver", DIAGNOSIS_PROBLEM,
              "The driver for smart card readers is not installed. Install the package “libccid”.",
              "sudo apt install libccid");
  assert_row (class, "reader", DIAGNOSIS_PROBLEM,
              "The smart card service does not see what is plugged in. Pull it and insert it again; if that does not "
              "help, restart the service.",
              "sudo systemctl restart pcscd");

  facts.n_devices = 0;
  none = diagnose (&facts, make_seen (NULL, READER_EMPTY), SAMPLE_NOW, NULL);
  assert_row (none, "usb", DIAGNOSIS_WARNING,
              "No smart card reader and no USB key is plugged in. If it is, try another socket of the computer itself.",
              "Then check again.");
  assert_row (none, "driver", DIAGNOSIS_UNKNOWN,
              "Whether there is a driver is not known. There is no device that needs one.", NULL);
  assert_row (none, "reader", DIAGNOSIS_WARNING, "There is no reader. Plug in the reader or the USB key.",
              "Then check again.");
  assert_row (none, "token", DIAGNOSIS_UNKNOWN, "Whether a token is inserted is not known. There is no reader.", NULL);

  other = diagnose (&facts, make_well (), SAMPLE_NOW, NULL);
  assert_row (other, "usb", DIAGNOSIS_OK, "The reader is not a USB device.", NULL);
  facts.usb = DIAGNOSIS_NOT_TOLD;
  hidden = diagnose (&facts, make_seen (NULL, READER_EMPTY), SAMPLE_NOW, NULL);
  assert_row (hidden, "usb", DIAGNOSIS_UNKNOWN,
              "Which USB devices are plugged in is not known. The system does not tell.", NULL);
}

static void
test_service (void)
{
  static const struct
  {
    ErrorCode failure;
    DiagnosisFact installed, socket, listening, running;
    gboolean suspended;
    const char *layer, *text, *remedy;
    const char *reader; /* why nothing is known of it */
  } cases[] = {
    { ERROR_SERVICE_MISSING, NO, NO, NO, NO, FALSE, "service-installed",
      "The smart card service is not installed. Install the package “pcscd”.", "sudo apt install pcscd",
      "The smart card service is not installed." },
    { ERROR_SERVICE_STOPPED, YES, NO, NO, NO, FALSE, "service-socket",
      "Its socket is not there, so no program can reach it.", "sudo systemctl enable --now pcscd.socket",
      "The smart card service is not running." },
    { ERROR_SERVICE_STOPPED, YES, YES, NO, NO, FALSE, "service-socket",
      "Its socket is there, but nobody listens: it ended without tidying up.",
      "sudo systemctl enable --now pcscd.socket", "The smart card service is not running." },
    { ERROR_SERVICE_STOPPED, YES, NO, NO, NO, FALSE, "service-running",
      "The smart card service (pcscd) is not running. Start it, or restart the computer.",
      "sudo systemctl enable --now pcscd.socket", "The smart card service is not running." },
    { ERROR_SERVICE_STOPPED, YES, NO, NO, YES, FALSE, "service-running",
      "The smart card service (pcscd) is not running. Start it, or restart the computer.",
      "sudo systemctl enable --now pcscd.socket", "The smart card service is not running." },
    { ERROR_SERVICE_HUNG, YES, YES, YES, YES, TRUE, "service-running",
      "The smart card service is there, but somebody has suspended it.", "sudo systemctl restart pcscd",
      "The smart card service does not answer." },
    { ERROR_SERVICE_HUNG, YES, YES, YES, YES, FALSE, "service-answering",
      "The smart card service does not answer. Pull the token and insert it again; if that does not help, restart the "
      "computer.",
      "sudo systemctl restart pcscd", "The smart card service does not answer." },
    { ERROR_SERVICE_DENIED, YES, YES, YES, YES, FALSE, "service-allowed",
      "The smart card service refuses this user. Log in at the computer itself, or ask the administrator for access to "
      "smart cards.",
      "Then check again.", "The smart card service refuses this user." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DiagnosisFacts facts = well;
      g_autoptr (Diagnosis) diagnosis = NULL;
      g_autofree char *unknown = g_strconcat ("Which readers there are is not known. ", cases[i].reader, NULL);

      facts.installed = cases[i].installed;
      facts.socket = cases[i].socket;
      facts.listening = cases[i].listening;
      facts.running = cases[i].running;
      facts.suspended = cases[i].suspended;
      diagnosis = diagnose (&facts, make_failed (cases[i].failure), SAMPLE_NOW, NULL);
      assert_row (diagnosis, cases[i].layer, DIAGNOSIS_PROBLEM, cases[i].text, cases[i].remedy);
      assert_row (diagnosis, "reader", DIAGNOSIS_UNKNOWN, unknown, NULL);
    }
}

static void
test_service_elsewhere (void)
{
  DiagnosisFacts facts = well;
  g_autoptr (Diagnosis) diagnosis = NULL, activated = NULL;

  facts.running.is = FALSE;
  activated = diagnose (&facts, make_failed (ERROR_SERVICE_STOPPED), SAMPLE_NOW, NULL);
  assert_row (activated, "service-running", DIAGNOSIS_OK, "It starts as soon as a program needs it.", NULL);
  facts.installed.is = facts.socket.is = FALSE;
  diagnosis = diagnose (&facts, make_well (), SAMPLE_NOW, NULL);
  assert_row (diagnosis, "service-installed", DIAGNOSIS_OK, "It is not in its usual place, and it answers.", NULL);
  assert_row (diagnosis, "service-socket", DIAGNOSIS_OK, "It is not in its usual place, and it answers.", NULL);
  assert_row (diagnosis, "service-running", DIAGNOSIS_OK, "It is not in its usual place, and it answers.", NULL);
}

static void
test_token (void)
{
  static const struct
  {
    ErrorCode failure;
    const char *layer, *text;
    const char *pin; /* why nothing is known of it */
  } cases[] = {
    { ERROR_TOKEN_UNKNOWN, "applet", READER ": This kind of token is not known. It may need a library of its vendor.",
      "This kind of token is not known." },
    { ERROR_TOKEN_UNREADABLE, "certificate", READER ": The token gives answers that make no sense. It may be damaged.",
      "The token cannot be read." },
    { ERROR_TOKEN_SILENT, "certificate", READER ": The token stopped answering. Pull it and insert it again.",
      "The token cannot be read." },
    { ERROR_READER_BUSY, "programs",
      "The token is used alone by another program. Which one, is not known. The system does not tell this user.",
      "Another program is using the token alone." },
  };
  g_autoptr (Diagnosis) mute = diagnose (&well, make_seen (READER, READER_MUTE), SAMPLE_NOW, NULL);
  g_autoptr (Diagnosis) empty = diagnose (&well, make_seen (READER, READER_EMPTY), SAMPLE_NOW, NULL);
  g_autoptr (Diagnosis) reading = diagnose (&well, make_seen (READER, READER_PRESENT), SAMPLE_NOW, NULL);

  assert_row (mute, "token", DIAGNOSIS_PROBLEM,
              READER ": The token does not answer. Pull it, turn it over and insert it again.", "Then check again.");
  assert_row (mute, "applet", DIAGNOSIS_UNKNOWN, "Of what kind the token is, is not known. The token does not answer.",
              NULL);
  assert_row (empty, "token", DIAGNOSIS_WARNING,
              "No token is inserted. If it is in the reader, pull it, turn it over and insert it again.",
              "Then check again.");
  assert_row (empty, "one-token", DIAGNOSIS_UNKNOWN, "How many tokens are inserted is not known. No token is inserted.",
              NULL);
  assert_row (reading, "certificate", DIAGNOSIS_UNKNOWN,
              "Which certificates there are is not known. The token is still being read.", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Diagnosis) diagnosis = diagnose (&well, make_unread (cases[i].failure), SAMPLE_NOW, NULL);
      g_autofree char *unknown = g_strconcat ("How many tries of the PIN are left is not known. ", cases[i].pin, NULL);

      assert_row (diagnosis, cases[i].layer, DIAGNOSIS_PROBLEM, cases[i].text, "Then check again.");
      assert_row (diagnosis, "pin", DIAGNOSIS_UNKNOWN, unknown, NULL);
    }
}

static Issuer *
make_issuer (void)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  const char *text = "[Issuer]\nName=Example\nMatch=CN=Example Test CA\nRenewUrl=https://example.com/renew\n"
                     "CheckUrl=https://example.com/test\n";

  g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, NULL);
  return issuer_new_from_key_file (file, NULL);
}

static void
test_certificate (void)
{
  g_autoptr (GPtrArray) issuers = g_ptr_array_new_with_free_func ((GDestroyNotify) issuer_unref);
  g_autoptr (Token) nameless = sample_token ("12345678", 43), bare = sample_token ("12345678", 43);
  g_autoptr (Token) part = sample_token ("12345678", 200);
  g_autoptr (Diagnosis) expiring = NULL, expired = NULL, future = NULL, unnamed = NULL, none = NULL, some = NULL;

  g_ptr_array_add (issuers, make_issuer ());
  g_clear_pointer (&token_get_primary (nameless)->holder, g_free);
  g_clear_pointer (&token_get_primary (nameless)->organization, g_free);
  g_ptr_array_set_size (bare->certificates, 0);
  part->unreadable = g_strsplit ("9c 9d", " ", -1);

  expiring = diagnose (&well, sample_world (READER, sample_token ("1", 43)), SAMPLE_NOW, issuers);
  assert_row (expiring, "validity", DIAGNOSIS_WARNING, "Valid until 2027-02-27 (43 days left).",
              "https://example.com/renew");
  expired = diagnose (&well, sample_world (READER, sample_token ("1", -3)), SAMPLE_NOW, issuers);
  assert_row (expired, "validity", DIAGNOSIS_PROBLEM, "Expired on 2027-01-12.", "https://example.com/renew");
  future = diagnose (&well, sample_world (READER, sample_token ("1", 400)), SAMPLE_NOW, issuers);
  assert_row (future, "validity", DIAGNOSIS_PROBLEM, "Not valid before 2027-02-19.", NULL);
  unnamed = diagnose (&well, sample_world (READER, token_ref (nameless)), SAMPLE_NOW, issuers);
  assert_row (unnamed, "holder", DIAGNOSIS_WARNING,
              "The certificate names nobody. Services that look for a name refuse it.", "https://example.com/test");
  none = diagnose (&well, sample_world (READER, token_ref (bare)), SAMPLE_NOW, issuers);
  assert_row (none, "certificate", DIAGNOSIS_PROBLEM, "The token holds no certificate.", NULL);
  assert_row (none, "holder", DIAGNOSIS_UNKNOWN,
              "Whom the certificate names is not known. The token holds no certificate.", NULL);
  some = diagnose (&well, sample_world (READER, token_ref (part)), SAMPLE_NOW, issuers);
  assert_row (some, "certificate", DIAGNOSIS_WARNING, "2 certificates on the token cannot be read.", NULL);
}

static void
test_chain (void)
{
  static const struct
  {
    CertificateChain chain;
    const char *culprit;
    DiagnosisState state;
    const char *text;
  } cases[] = {
    { CERTIFICATE_CHAIN_NO_ROOT, NULL, DIAGNOSIS_UNKNOWN,
      "Whether the certificate is genuine is not known. No root certificate of its issuer is configured here. "
      "Services check the certificate themselves." },
    { CERTIFICATE_CHAIN_UNKNOWN, NULL, DIAGNOSIS_UNKNOWN,
      "Whether the certificate is genuine is not known. Its signature is of a kind that cannot be computed here." },
    { CERTIFICATE_CHAIN_BROKEN, "Middle CA", DIAGNOSIS_PROBLEM,
      "The certificate is not genuine, or damaged: Middle CA does not fit into its chain." },
    { CERTIFICATE_CHAIN_BROKEN, NULL, DIAGNOSIS_PROBLEM,
      "The certificate is not genuine, or damaged: 张三 does not fit into its chain." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Token *token = sample_token ("12345678", 200);
      g_autoptr (Diagnosis) diagnosis = NULL;

      token_get_primary (token)->chain = cases[i].chain;
      token_get_primary (token)->chain_culprit = g_strdup (cases[i].culprit);
      diagnosis = diagnose (&well, sample_world (READER, token), SAMPLE_NOW, NULL);
      assert_row (diagnosis, "chain", cases[i].state, cases[i].text, NULL);
    }
}

/* An issuer's word weighs more than a chain that fits. */
static void
test_revoked (void)
{
  g_autoptr (Token) token = sample_token ("12345678", 200);
  g_autoptr (Revocation) answer = revocation_new (token_get_primary (token)->sha256, REVOCATION_REVOKED);
  g_autoptr (Diagnosis) diagnosis = NULL;

  diagnosis =
    diagnose (&well, sample_after (make_well (), (WorldEvent){ .kind = WORLD_EVENT_REVOCATION, .revocation = answer }),
              SAMPLE_NOW, NULL);
  assert_row (diagnosis, "chain", DIAGNOSIS_PROBLEM, "The issuer has revoked the certificate. Ask it for another one.",
              NULL);
}

static void
test_taxpayer_number (void)
{
  static const struct
  {
    const char *value;
    DiagnosisState state;
    const char *text;
  } cases[] = {
    { "91350100M000100Y43", DIAGNOSIS_OK,
      "The certificate names 张三 · 北京示例商贸有限公司. Its taxpayer number is 91350100M000100Y43." },
    { "91350100M000100Y44", DIAGNOSIS_WARNING,
      "The certificate names 张三 · 北京示例商贸有限公司. "
      "Its taxpayer number is 91350100M000100Y44 · the check digit does not fit." },
    { "11010519491231002X", DIAGNOSIS_OK,
      "The certificate names 张三 · 北京示例商贸有限公司. Its taxpayer number is ··············002X." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Token *token = sample_token ("12345678", 200);
      g_autoptr (Diagnosis) diagnosis = NULL;

      g_ptr_array_add (token_get_primary (token)->identities,
                       identity_new (IDENTITY_TAXPAYER_ID, cases[i].value, NULL));
      diagnosis = diagnose (&well, sample_world (READER, token), SAMPLE_NOW, NULL);
      assert_row (diagnosis, "holder", cases[i].state, cases[i].text, NULL);
    }
}

static void
test_pin (void)
{
  static const struct
  {
    int left, unlock_left, is_default;
    gboolean blocked;
    DiagnosisState state;
    const char *text, *remedy;
  } cases[] = {
    { 0, 3, FALSE, TRUE, DIAGNOSIS_PROBLEM,
      "张三 · 5678: no PIN tries are left. The certificate and its keys are not lost.",
      "cert-assistant-cli unlock --token 'piv-12345678'" },
    { 1, 3, FALSE, FALSE, DIAGNOSIS_WARNING,
      "张三 · 5678 locks when the next PIN is wrong. Make sure of it before you use it.", NULL },
    { 2, 3, FALSE, FALSE, DIAGNOSIS_WARNING, "张三 · 5678: 2 PIN tries left before it locks.", NULL },
    { 3, 0, FALSE, FALSE, DIAGNOSIS_WARNING,
      "张三 · 5678: no tries of the PUK are left. Should the PIN lock, only the issuer can help.", NULL },
    { 3, 3, TRUE, FALSE, DIAGNOSIS_OK, "张三 · 5678 has the PIN that it came with, which others may know. Change it.",
      "cert-assistant-cli change-pin --token 'piv-12345678'" },
    { PIN_UNKNOWN, 3, FALSE, FALSE, DIAGNOSIS_UNKNOWN, "The token does not tell how many tries of the PIN are left.",
      NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Token) token = sample_token ("12345678", 200);
      g_autoptr (Diagnosis) diagnosis = NULL;
      Pin *pin = token->pins->pdata[0];

      pin->tries_left = cases[i].left;
      pin->unlock = PIN_UNLOCK_PUK;
      pin->unlock_tries_left = cases[i].unlock_left;
      pin->is_default = cases[i].is_default;
      pin->blocked = cases[i].blocked;
      diagnosis = diagnose (&well, sample_world (READER, token_ref (token)), SAMPLE_NOW, NULL);
      assert_row (diagnosis, "pin", cases[i].state, cases[i].text, cases[i].remedy);
    }
}

static void
test_two_tokens (void)
{
  World *world = sample_put (world_new (), READER, "11114821", "Zhang San", SAMPLE_NOW, FALSE);
  g_autoptr (Diagnosis) diagnosis = NULL;

  world = sample_put (world, OTHER, "22220093", "Example B", SAMPLE_NOW, FALSE);
  diagnosis = diagnose (&well, world, SAMPLE_NOW + DAYS (900), NULL);
  assert_row (diagnosis, "token", DIAGNOSIS_OK, "2 tokens are inserted and have power.", NULL);
  assert_row (
    diagnosis, "one-token", DIAGNOSIS_WARNING,
    "2 tokens are inserted: Example B · 0093, Zhang San · 4821. Services that want exactly one may refuse: pull "
    "the one that you do not need.",
    "Then check again.");
  assert_row (diagnosis, "pin", DIAGNOSIS_OK, "Example B · 0093: 3 of 3 tries left.", NULL);
}

/* What a service that is used meanwhile complains of. */
static void
test_changed (void)
{
  World *pulled = sample_put (world_new (), READER, "11114821", "Zhang San", SAMPLE_NOW, TRUE);
  g_autoptr (Diagnosis) lost = NULL, swapped = NULL;

  pulled = sample_put (pulled, READER, NULL, NULL, SAMPLE_NOW, FALSE);
  lost = diagnose (&well, world_ref (pulled), SAMPLE_NOW, NULL);
  assert_row (lost, "one-token", DIAGNOSIS_WARNING,
              "Zhang San · 4821 was pulled at 08:00. What the other program was doing may not be complete: insert the "
              "token again and look.",
              NULL);
  swapped = diagnose (&well, sample_put (pulled, READER, "22220093", "Example B", SAMPLE_NOW, FALSE), SAMPLE_NOW, NULL);
  assert_row (swapped, "one-token", DIAGNOSIS_WARNING,
              "Zhang San · 4821 is now Example B · 0093. Pages opened with the first one will refuse it; log in again.",
              NULL);
}

static void
test_programs (void)
{
  static const char *const scdaemon[] = { "scdaemon", NULL }, *const browser[] = { "firefox", "opensc-notify", NULL };
  static const struct
  {
    ErrorCode failure;
    DiagnosisReason reason;
    const char *const *names;
    guint n_nameless;
    gboolean shares;
    DiagnosisState state;
    const char *text, *remedy;
  } cases[] = {
    { ERROR_NONE, DIAGNOSIS_KNOWN, browser, 0, FALSE, DIAGNOSIS_OK,
      "Connected as well: firefox, opensc-notify. The token is shared.", NULL },
    { ERROR_NONE, DIAGNOSIS_KNOWN, browser, 2, FALSE, DIAGNOSIS_UNKNOWN,
      "2 programs of other users are connected. Their names cannot be seen.", NULL },
    { ERROR_NONE, DIAGNOSIS_KNOWN, scdaemon, 0, TRUE, DIAGNOSIS_OK,
      "Connected as well: scdaemon (of gpg). The token is shared.", NULL },
    { ERROR_NONE, DIAGNOSIS_KNOWN, scdaemon, 0, FALSE, DIAGNOSIS_WARNING,
      "scdaemon (of gpg) is connected. It takes a token for itself, and then nobody else can use it. It can be told to "
      "share it.",
      "echo pcsc-shared >> ~/.gnupg/scdaemon.conf; gpgconf --kill scdaemon" },
    { ERROR_NONE, DIAGNOSIS_FORBIDDEN, NULL, 0, FALSE, DIAGNOSIS_UNKNOWN,
      "Which other programs use smart cards is not known. The system does not tell this user.", NULL },
    { ERROR_READER_BUSY, DIAGNOSIS_KNOWN, scdaemon, 0, FALSE, DIAGNOSIS_PROBLEM,
      "scdaemon (of gpg) is using the token alone. It can be told to share it.",
      "echo pcsc-shared >> ~/.gnupg/scdaemon.conf; gpgconf --kill scdaemon" },
    { ERROR_READER_BUSY, DIAGNOSIS_KNOWN, browser, 0, FALSE, DIAGNOSIS_PROBLEM,
      "The token is used alone by another program. Connected are: firefox, opensc-notify. Close it.",
      "Then check again." },
    { ERROR_READER_BUSY, DIAGNOSIS_SILENT, NULL, 0, FALSE, DIAGNOSIS_PROBLEM,
      "The token is used alone by another program. Which one, is not known. No answer came in time.",
      "Then check again." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DiagnosisFacts facts = well;
      g_autoptr (Diagnosis) diagnosis = NULL;

      facts.programs = cases[i].reason;
      facts.program_names = (GStrv) cases[i].names;
      facts.n_nameless = cases[i].n_nameless;
      facts.scdaemon_shares = cases[i].shares;
      diagnosis = diagnose (&facts, cases[i].failure ? make_unread (cases[i].failure) : make_well (), SAMPLE_NOW, NULL);
      assert_row (diagnosis, "programs", cases[i].state, cases[i].text, cases[i].remedy);
    }
}

static void
test_vendor_service (void)
{
  const char *const names[] = { "BJCA", NULL };
  DiagnosisFacts facts = well;
  g_autoptr (Diagnosis) free = NULL, busy = NULL;

  facts.service_names = (GStrv) names;
  free = diagnose (&facts, make_well (), SAMPLE_NOW, NULL);
  assert_row (free, "vendor-service", DIAGNOSIS_OK, "Running as well: BJCA. Web pages reach the token through it.",
              NULL);
  busy = diagnose (&facts, make_unread (ERROR_READER_BUSY), SAMPLE_NOW, NULL);
  assert_row (busy, "vendor-service", DIAGNOSIS_WARNING, "Running as well: BJCA. It may be what is using the token.",
              NULL);
}

static void
test_desktop (void)
{
  DiagnosisFacts facts = well;
  g_autoptr (Diagnosis) bare = NULL, remote = NULL, early = NULL;

  facts.tray.is = facts.notifications.is = facts.autostart.is = FALSE;
  facts.gnome = TRUE;
  bare = diagnose (&facts, make_well (), SAMPLE_NOW, NULL);
  assert_row (bare, "tray", DIAGNOSIS_WARNING,
              "This desktop has no place for the icon. The window opens instead when a token is inserted.",
              "sudo apt install gnome-shell-extension-appindicator");
  assert_row (bare, "notifications", DIAGNOSIS_WARNING,
              "This desktop shows no notifications, so reminders are seen in the window only.", NULL);
  assert_row (bare, "autostart", DIAGNOSIS_WARNING,
              "The assistant does not start at login, and reminds of nothing until somebody starts it.",
              "Choose it in the preferences of the assistant.");
  g_assert_cmpstr (bare->summary, ==, "3 warnings");

  facts.tray.reason = facts.notifications.reason = DIAGNOSIS_NO_SESSION;
  remote = diagnose (&facts, make_well (), SAMPLE_NOW, NULL);
  assert_row (remote, "tray", DIAGNOSIS_UNKNOWN,
              "Whether this desktop shows the icon is not known. No desktop session can be reached from here.", NULL);

  early = diagnose (&well, make_well (), SAMPLE_NOW - DAYS (100), NULL);
  assert_row (early, "clock", DIAGNOSIS_PROBLEM,
              "It shows 2026-10-07, which is before this program was made. Set it: every certificate looks wrong until "
              "then.",
              "sudo timedatectl set-ntp true");
  assert_row (early, "validity", DIAGNOSIS_UNKNOWN,
              "Whether the certificate is valid today is not known. The clock is wrong.", NULL);
  g_assert_cmpstr (early->summary, ==, "1 problem");
}

/* What is sent to somebody has nothing in it that identifies a token or a person's papers. */
static void
test_report (void)
{
  World *world = sample_put (world_new (), OTHER, "22220093", "Example B 110101199003078515", SAMPLE_NOW, FALSE);
  DiagnosisFacts facts = well;
  DiagnosisDevice device = { 0x1050, 0x0407, (char *) "Key SN91512081MA62K0260E", TRUE, TRUE };
  g_autoptr (Diagnosis) diagnosis = NULL;
  g_autofree char *text = NULL;

  facts.devices = &device;
  diagnosis = diagnose (&facts, world, SAMPLE_NOW + DAYS (900), NULL);
  text = diagnosis_to_text (diagnosis);
  g_assert_true (
    g_str_has_prefix (text, "Certificate Assistant " VERSION ", 2029-07-03 08:00:00 UTC\nNothing wrong was found\n"));
  g_assert_nonnull (strstr (text, "✓ USB device: Plugged in: Key ················260E (1050:0407).\n"));
  g_assert_nonnull (strstr (text, "✓ Reader: The service sees Other Reader (······5678) 01 00.\n"));
  g_assert_nonnull (strstr (text, "names Example B ··············8515"));
  g_assert_null (strstr (text, "22220093"));
  g_assert_null (strstr (text, "0012345678"));
}

static void
test_clear (void)
{
  DiagnosisFacts facts = { .devices = g_new0 (DiagnosisDevice, 2), .n_devices = 2 };

  facts.devices[0].name = g_strdup ("a");
  facts.program_names = g_strsplit ("a b", " ", -1);
  facts.service_names = g_strsplit ("a b", " ", -1);
  diagnosis_clear_facts (&facts);
  g_assert_null (facts.devices);
  g_assert_cmpuint (facts.n_devices, ==, 0);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagnosis/well", test_well);
  g_test_add_func ("/diagnosis/nothing-known", test_nothing_known);
  g_test_add_func ("/diagnosis/usb", test_usb);
  g_test_add_func ("/diagnosis/service", test_service);
  g_test_add_func ("/diagnosis/service-elsewhere", test_service_elsewhere);
  g_test_add_func ("/diagnosis/token", test_token);
  g_test_add_func ("/diagnosis/certificate", test_certificate);
  g_test_add_func ("/diagnosis/chain", test_chain);
  g_test_add_func ("/diagnosis/revoked", test_revoked);
  g_test_add_func ("/diagnosis/taxpayer-number", test_taxpayer_number);
  g_test_add_func ("/diagnosis/pin", test_pin);
  g_test_add_func ("/diagnosis/two-tokens", test_two_tokens);
  g_test_add_func ("/diagnosis/changed", test_changed);
  g_test_add_func ("/diagnosis/programs", test_programs);
  g_test_add_func ("/diagnosis/vendor-service", test_vendor_service);
  g_test_add_func ("/diagnosis/desktop", test_desktop);
  g_test_add_func ("/diagnosis/report", test_report);
  g_test_add_func ("/diagnosis/clear", test_clear);
  return g_test_run ();
}
