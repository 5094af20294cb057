/* What the diagnosis says of the machine: what is plugged in, the smart card service, other programs, the desktop; and
 * of the whole. The rows of the token are in test-diagnosis-token.c. */
#include <locale.h>
#include <string.h>

#include "diagnosis-bench.h"

/* A world whose service is not there, for this reason. */
static World *
make_failed (ErrorCode failure)
{
  g_autoptr (ReaderList) list = reader_list_new (failure, 1);

  return sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
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
  g_autoptr (Diagnosis) diagnosis = NULL;

  diagnosis = diagnosis_bench_make (&diagnosis_bench_well, diagnosis_bench_make_well (), SAMPLE_NOW, NULL);
  g_assert_cmpuint (diagnosis->rows->len, ==, G_N_ELEMENTS (rows));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpstr (((DiagnosisRow *) diagnosis->rows->pdata[i])->layer, ==, rows[i][0]);
      diagnosis_bench_assert_row (diagnosis, rows[i][0], DIAGNOSIS_OK, rows[i][1], NULL);
    }
  g_assert_cmpstr (diagnosis->summary, ==, "Nothing wrong was found");
}

/* With nothing known every row says what it could not know, and why. */
static void
test_nothing_known (void)
{
  const DiagnosisFacts facts = { 0 };
  g_autoptr (Diagnosis) diagnosis = diagnosis_bench_make (&facts, world_new (), SAMPLE_NOW, NULL);

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

static DiagnosisDevice key = { 0x1050, 0x0407, (char *) "Yubico YubiKey", TRUE, TRUE };
static DiagnosisDevice token = { 0x055c, 0xe618, (char *) "Longmai", FALSE, FALSE };
static DiagnosisDevice reader = { 0x1234, 0x0001, (char *) "Reader", TRUE, FALSE };

/* What the service does not see. */
static const struct
{
  DiagnosisDevice *device; /* NULL: there is none */
  gboolean class_driver, scdaemon;
  const char *layer;
  DiagnosisState state;
  const char *text, *remedy;
} unseen[] = {
  { &key, TRUE, TRUE, "driver", DIAGNOSIS_OK, "There is a driver for it.", NULL },
  { &key, TRUE, TRUE, "reader", DIAGNOSIS_PROBLEM,
    "The smart card service does not see what is plugged in. scdaemon (of gpg) is running and may hold it; it "
    "can be told to go by way of the service.",
    "printf 'disable-ccid\\npcsc-shared\\n' >> ~/.gnupg/scdaemon.conf; gpgconf --kill scdaemon" },
  { &token, TRUE, TRUE, "driver", DIAGNOSIS_PROBLEM,
    "The smart card service has no driver for Longmai. Install the Linux software of its maker; the issuer of "
    "the certificate has it.",
    NULL },
  { &reader, FALSE, FALSE, "driver", DIAGNOSIS_PROBLEM,
    "The driver for smart card readers is not installed. Install the package “libccid”.", "sudo apt install libccid" },
  { &reader, FALSE, FALSE, "reader", DIAGNOSIS_PROBLEM,
    "The smart card service does not see what is plugged in. Pull it and insert it again; if that does not help, "
    "restart the service.",
    "sudo systemctl restart pcscd" },
  { NULL, FALSE, FALSE, "usb", DIAGNOSIS_WARNING,
    "No smart card reader and no USB key is plugged in. If it is, try another socket of the computer itself.",
    "Then check again." },
  { NULL, FALSE, FALSE, "driver", DIAGNOSIS_UNKNOWN,
    "Whether there is a driver is not known. There is no device that needs one.", NULL },
  { NULL, FALSE, FALSE, "reader", DIAGNOSIS_WARNING, "There is no reader. Plug in the reader or the USB key.",
    "Then check again." },
  { NULL, FALSE, FALSE, "token", DIAGNOSIS_UNKNOWN, "Whether a token is inserted is not known. There is no reader.",
    NULL },
};

static void
test_usb (void)
{
  DiagnosisFacts facts = diagnosis_bench_well;

  for (gsize i = 0; i < G_N_ELEMENTS (unseen); i++)
    {
      facts.devices = unseen[i].device;
      facts.n_devices = unseen[i].device != NULL;
      facts.class_driver = unseen[i].class_driver;
      facts.scdaemon = unseen[i].scdaemon;
      diagnosis_bench_assert_found (&facts, diagnosis_bench_make_seen (NULL, READER_EMPTY, ERROR_NONE), unseen[i].layer,
                                    unseen[i].state, unseen[i].text, unseen[i].remedy);
    }
  /* And still there is no device. */
  diagnosis_bench_assert_found (&facts, diagnosis_bench_make_well (), "usb", DIAGNOSIS_OK,
                                "The reader is not a USB device.", NULL);
  facts.usb = DIAGNOSIS_NOT_TOLD;
  diagnosis_bench_assert_found (&facts, diagnosis_bench_make_seen (NULL, READER_EMPTY, ERROR_NONE), "usb",
                                DIAGNOSIS_UNKNOWN,
                                "Which USB devices are plugged in is not known. The system does not tell.", NULL);
}

static const struct
{
  ErrorCode failure;
  gboolean installed, socket, listening, running, suspended;
  const char *layer, *text, *remedy;
  const char *reader; /* why nothing is known of it */
} services[] = {
  { ERROR_SERVICE_MISSING, FALSE, FALSE, FALSE, FALSE, FALSE, "service-installed",
    "The smart card service is not installed. Install the package “pcscd”.", "sudo apt install pcscd",
    "The smart card service is not installed." },
  { ERROR_SERVICE_STOPPED, TRUE, FALSE, FALSE, FALSE, FALSE, "service-socket",
    "Its socket is not there, so no program can reach it.", "sudo systemctl enable --now pcscd.socket",
    "The smart card service is not running." },
  { ERROR_SERVICE_STOPPED, TRUE, TRUE, FALSE, FALSE, FALSE, "service-socket",
    "Its socket is there, but nobody listens: it ended without tidying up.", "sudo systemctl enable --now pcscd.socket",
    "The smart card service is not running." },
  { ERROR_SERVICE_STOPPED, TRUE, FALSE, FALSE, FALSE, FALSE, "service-running",
    "The smart card service (pcscd) is not running. Start it, or restart the computer.",
    "sudo systemctl enable --now pcscd.socket", "The smart card service is not running." },
  { ERROR_SERVICE_STOPPED, TRUE, FALSE, FALSE, TRUE, FALSE, "service-running",
    "The smart card service (pcscd) is not running. Start it, or restart the computer.",
    "sudo systemctl enable --now pcscd.socket", "The smart card service is not running." },
  { ERROR_SERVICE_HUNG, TRUE, TRUE, TRUE, TRUE, TRUE, "service-running",
    "The smart card service is there, but somebody has suspended it.", "sudo systemctl restart pcscd",
    "The smart card service does not answer." },
  { ERROR_SERVICE_HUNG, TRUE, TRUE, TRUE, TRUE, FALSE, "service-answering",
    "The smart card service does not answer. Pull the token and insert it again; if that does not help, restart the "
    "computer.",
    "sudo systemctl restart pcscd", "The smart card service does not answer." },
  { ERROR_SERVICE_DENIED, TRUE, TRUE, TRUE, TRUE, FALSE, "service-allowed",
    "The smart card service refuses this user. Log in at the computer itself, or ask the administrator for access to "
    "smart cards.",
    "Then check again.", "The smart card service refuses this user." },
};

static void
test_service (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (services); i++)
    {
      DiagnosisFacts facts = diagnosis_bench_well;
      g_autoptr (Diagnosis) diagnosis = NULL;
      g_autofree char *unknown = g_strconcat ("Which readers there are is not known. ", services[i].reader, NULL);

      facts.installed.is = services[i].installed;
      facts.socket.is = services[i].socket;
      facts.listening.is = services[i].listening;
      facts.running.is = services[i].running;
      facts.suspended = services[i].suspended;
      diagnosis = diagnosis_bench_make (&facts, make_failed (services[i].failure), SAMPLE_NOW, NULL);
      diagnosis_bench_assert_row (diagnosis, services[i].layer, DIAGNOSIS_PROBLEM, services[i].text,
                                  services[i].remedy);
      diagnosis_bench_assert_row (diagnosis, "reader", DIAGNOSIS_UNKNOWN, unknown, NULL);
    }
}

static void
test_service_elsewhere (void)
{
  static const char *const layers[] = { "service-installed", "service-socket", "service-running" };
  DiagnosisFacts facts = diagnosis_bench_well;

  facts.running.is = FALSE;
  diagnosis_bench_assert_found (&facts, make_failed (ERROR_SERVICE_STOPPED), "service-running", DIAGNOSIS_OK,
                                "It starts as soon as a program needs it.", NULL);
  facts.installed.is = facts.socket.is = FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++)
    diagnosis_bench_assert_found (&facts, diagnosis_bench_make_well (), layers[i], DIAGNOSIS_OK,
                                  "It is not in its usual place, and it answers.", NULL);
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
      DiagnosisFacts facts = diagnosis_bench_well;
      World *world = cases[i].failure ? diagnosis_bench_make_seen (READER, READER_PRESENT, cases[i].failure)
                                      : diagnosis_bench_make_well ();

      facts.programs = cases[i].reason;
      facts.program_names = (GStrv) cases[i].names;
      facts.n_nameless = cases[i].n_nameless;
      facts.scdaemon_shares = cases[i].shares;
      diagnosis_bench_assert_found (&facts, world, "programs", cases[i].state, cases[i].text, cases[i].remedy);
    }
}

static void
test_vendor_service (void)
{
  const char *const names[] = { "BJCA", NULL };
  DiagnosisFacts facts = diagnosis_bench_well;

  facts.service_names = (GStrv) names;
  diagnosis_bench_assert_found (&facts, diagnosis_bench_make_well (), "vendor-service", DIAGNOSIS_OK,
                                "Running as well: BJCA. Web pages reach the token through it.", NULL);
  diagnosis_bench_assert_found (&facts, diagnosis_bench_make_seen (READER, READER_PRESENT, ERROR_READER_BUSY),
                                "vendor-service", DIAGNOSIS_WARNING,
                                "Running as well: BJCA. It may be what is using the token.", NULL);
}

static void
test_desktop (void)
{
  DiagnosisFacts facts = diagnosis_bench_well;
  g_autoptr (Diagnosis) bare = NULL, early = NULL;

  facts.tray.is = facts.notifications.is = facts.autostart.is = FALSE;
  facts.gnome = TRUE;
  bare = diagnosis_bench_make (&facts, diagnosis_bench_make_well (), SAMPLE_NOW, NULL);
  diagnosis_bench_assert_row (
    bare, "tray", DIAGNOSIS_WARNING,
    "This desktop has no place for the icon. The window opens instead when a token is inserted.",
    "sudo apt install gnome-shell-extension-appindicator");
  diagnosis_bench_assert_row (bare, "notifications", DIAGNOSIS_WARNING,
                              "This desktop shows no notifications, so reminders are seen in the window only.", NULL);
  diagnosis_bench_assert_row (bare, "autostart", DIAGNOSIS_WARNING,
                              "The assistant does not start at login, and reminds of nothing until somebody starts it.",
                              "Choose it in the preferences of the assistant.");
  g_assert_cmpstr (bare->summary, ==, "3 warnings");

  facts.tray.reason = facts.notifications.reason = DIAGNOSIS_NO_SESSION;
  diagnosis_bench_assert_found (
    &facts, diagnosis_bench_make_well (), "tray", DIAGNOSIS_UNKNOWN,
    "Whether this desktop shows the icon is not known. No desktop session can be reached from here.", NULL);

  early = diagnosis_bench_make (&diagnosis_bench_well, diagnosis_bench_make_well (), SAMPLE_NOW - DAYS (100), NULL);
  diagnosis_bench_assert_row (
    early, "clock", DIAGNOSIS_PROBLEM,
    "It shows 2026-10-07, which is before this program was made. Set it: every certificate looks wrong until then.",
    "sudo timedatectl set-ntp true");
  diagnosis_bench_assert_row (early, "validity", DIAGNOSIS_UNKNOWN,
                              "Whether the certificate is valid today is not known. The clock is wrong.", NULL);
  g_assert_cmpstr (early->summary, ==, "1 problem");
}

/* What is sent to somebody has nothing in it that identifies a token or a person's papers. */
static void
test_report (void)
{
  World *world = sample_put (world_new (), "Other Reader (0012345678) 01 00", "22220093",
                             "Example B 110101199003078515", SAMPLE_NOW, FALSE);
  DiagnosisFacts facts = diagnosis_bench_well;
  DiagnosisDevice device = { 0x1050, 0x0407, (char *) "Key SN91512081MA62K0260E", TRUE, TRUE };
  g_autoptr (Diagnosis) diagnosis = NULL;
  g_autofree char *text = NULL;

  facts.devices = &device;
  diagnosis = diagnosis_bench_make (&facts, world, SAMPLE_NOW + DAYS (900), NULL);
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
  g_test_add_func ("/diagnosis/programs", test_programs);
  g_test_add_func ("/diagnosis/vendor-service", test_vendor_service);
  g_test_add_func ("/diagnosis/desktop", test_desktop);
  g_test_add_func ("/diagnosis/report", test_report);
  g_test_add_func ("/diagnosis/clear", test_clear);
  return g_test_run ();
}
