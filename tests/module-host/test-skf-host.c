/* The real host with an SKF library whose tokens are folders, from the worker's side of the socket: lists, with all
 * that libraries are known to do, and attempts with PINs. */
#include <string.h>

#include "skf-bench.h"

#define USER  "Key/" SKF_BENCH_APPLICATION "/user"
#define ADMIN "Key/" SKF_BENCH_APPLICATION "/admin"

/* Listing */

static void
test_list (void)
{
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autoptr (Module) module = skf_bench_start_well ();
  g_autofree char *none = skf_bench_list (module, 0), *two = NULL;

  g_assert_false (module_uses_pcsc (module));
  g_assert_cmpstr (none, ==, "");
  skf_bench_put_key (bench, "Key");
  skf_bench_put_key (bench, "\xD5\xC5\xC8\xFD"); /* GBK */
  skf_bench_put (bench, "\xD5\xC5\xC8\xFD/label", "\xB1\xB1\xBE\xA9\xCA\xBE\xC0\xFD", -1);
  skf_bench_put (bench, "\xD5\xC5\xC8\xFD/serial", "880000000002", -1);
  skf_bench_put (bench, "\xD5\xC5\xC8\xFD/Second/user", "123456 3 8 0", -1);
  two = skf_bench_list (module, 0);
  g_assert_cmpstr (two, ==,
                   SKF_BENCH_LIST "张三 北京示例 880000000002 [user 10/10 1, user-2 3/8 0] " SKF_BENCH_CERTIFICATES
                                  " []\n");
  skf_bench_assert_closed (bench);
  g_assert_cmpuint (skf_bench_count (bench, "SKF_ConnectDev"), ==, 2);
  g_assert_cmpuint (skf_bench_count (bench, "SKF_ChangePIN") + skf_bench_count (bench, "SKF_UnblockPIN"), ==, 0);
  g_assert_cmpuint (skf_bench_count (bench, "SKF_WaitForDevEvent"), ==, 0);
}

/* What one library or another does, and no one may see any of it. */
static const char *const quirks[] = {
  "natural",
  "wide",
  "natural wide",
  "byte-bool",
  "no-last-nul",
  "no-nul",
  "no-nul wide",
  "huge-SKF_EnumDev",
  "huge-SKF_EnumApplication",
  "huge-SKF_EnumContainer",
  "huge-SKF_ExportCertificate",
  "huge-SKF_EnumDev huge-SKF_EnumApplication huge-SKF_EnumContainer huge-SKF_ExportCertificate wide no-nul",
  "fail-SKF_ConnectDev(0A000001,2)",
  "fail-SKF_CloseContainer(0A000005)",
  "thread",
  "talk",
};

static void
test_quirks (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (quirks); i++)
    {
      g_autoptr (SkfBench) bench = skf_bench_new ();
      g_autoptr (Module) module = NULL;
      g_autofree char *list = NULL;

      g_test_message ("%s", quirks[i]);
      skf_bench_put_key (bench, "Key");
      skf_bench_set_faults (bench, quirks[i]);
      module = skf_bench_start_well ();
      list = skf_bench_list (module, 0);
      g_assert_cmpstr (list, ==, SKF_BENCH_LIST);
      skf_bench_assert_closed (bench);
    }
}

/* Whatever fails hides nothing else, and is closed. */
static const struct
{
  const char *faults;
  guint64 code;
  const char *list;
} losses[] = {
  { "no-usb", 0, "" },
  { "fail-SKF_EnumDev(0A000023)", 0, "" },
  { "fail-SKF_EnumDev(0A000001)", 0x0A000001, "" },
  { "fail-SKF_ConnectDev(0A000001)", 0, "Key - - [] [] [Key]\n" },
  { "fail-SKF_GetDevInfo(0A000001)", 0, "Key - - " SKF_BENCH_PINS " " SKF_BENCH_CERTIFICATES " [Key]\n" },
  { "fail-SKF_EnumApplication(0A000001)", 0, "Key BJCA-UserKey 880000000001 [] [] [Key]\n" },
  { "fail-SKF_OpenApplication(0A000001)", 0,
    "Key BJCA-UserKey 880000000001 [user -1/-1 -1] [] [" SKF_BENCH_APPLICATION "]\n" },
  { "fail-SKF_GetPINInfo(0A000003)", 0,
    "Key BJCA-UserKey 880000000001 [user -1/-1 -1] " SKF_BENCH_CERTIFICATES " []\n" },
  { "fail-SKF_EnumContainer(0A000001)", 0,
    "Key BJCA-UserKey 880000000001 " SKF_BENCH_PINS " [] [" SKF_BENCH_APPLICATION "]\n" },
  { "fail-SKF_OpenContainer(0A000036,1)", 0,
    "Key BJCA-UserKey 880000000001 " SKF_BENCH_PINS " [rsa RSA 2048] [personalCert00]\n" },
  { "fail-SKF_ExportCertificate(0A000001,1)", 0,
    "Key BJCA-UserKey 880000000001 " SKF_BENCH_PINS " [rsa RSA 2048, personalCert00-enc SM2] [personalCert00]\n" },
  { "fail-SKF_ExportCertificate(0A00001C)", 0, "Key BJCA-UserKey 880000000001 " SKF_BENCH_PINS " [] []\n" },
  { "fail-SKF_ExportCertificate(0A000031)", 0, "Key BJCA-UserKey 880000000001 " SKF_BENCH_PINS " [] []\n" },
  { "one-certificate", 0, "Key BJCA-UserKey 880000000001 " SKF_BENCH_PINS " [personalCert00 SM2, rsa RSA 2048] []\n" },
  { "removed-SKF_ConnectDev", 0, "" },
  { "removed-SKF_GetDevInfo", 0, "" },
  { "removed-SKF_EnumApplication", 0, "" },
  { "removed-SKF_OpenApplication", 0, "" },
  { "removed-SKF_GetPINInfo", 0, "" },
  { "removed-SKF_EnumContainer", 0, "" },
  { "removed-SKF_OpenContainer", 0, "" },
  { "removed-SKF_ExportCertificate", 0, "" },
};

static void
test_losses (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      g_autoptr (SkfBench) bench = skf_bench_new ();
      g_autoptr (Module) module = NULL;
      g_autofree char *list = NULL;

      g_test_message ("%s", losses[i].faults);
      skf_bench_put_key (bench, "Key");
      skf_bench_set_faults (bench, losses[i].faults);
      module = skf_bench_start_well ();
      list = skf_bench_list (module, losses[i].code);
      g_assert_cmpstr (list, ==, losses[i].list);
      if (g_str_has_prefix (losses[i].faults, "removed-")) /* the rest of it is not asked for */
        g_assert_cmpuint (skf_bench_count (bench, "SKF_OpenContainer"), <=, 1);
      skf_bench_assert_closed (bench);
    }
}

/* Certificates that are none, or large; and more of everything than is read. */
static void
test_contents (void)
{
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autofree char *large = g_strnfill (60000, 'A'), *list = NULL;
  g_autoptr (Module) module = NULL;

  skf_bench_put_key (bench, "Key");
  skf_bench_put (bench, "Key/" SKF_BENCH_APPLICATION "/rsa/sign", "", 0);
  skf_bench_put (bench, "Key/" SKF_BENCH_APPLICATION "/rsa/enc", large, 60000);
  module = skf_bench_start_well ();
  list = skf_bench_list (module, 0);
  g_assert_cmpstr (list, ==,
                   "Key BJCA-UserKey 880000000001 " SKF_BENCH_PINS
                   " [personalCert00 SM2, personalCert00-enc SM2] [rsa]\n");
}

static void
test_many (void)
{
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autoptr (Module) module = skf_bench_start_well ();
  g_autofree char *list = NULL;
  g_auto (GStrv) lines = NULL;

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("Key %04d/serial", i);

      skf_bench_put (bench, name, "1", -1);
    }
  for (int i = 0; i < 20; i++)
    for (int j = 0; j < 20; j++)
      {
        g_autofree char *name = g_strdup_printf ("Key 0000/Application %02d/%02d/sign", i, j);

        skf_bench_put (bench, name, "", 0);
      }
  list = skf_bench_list (module, 0);
  lines = g_strsplit (list, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, MODULE_MAX_TOKENS + 1);
  g_assert_cmpuint (skf_bench_count (bench, "SKF_OpenContainer"), ==, 8 * 16);
  skf_bench_assert_closed (bench);
}

/* PINs */

#define CHANGE  WIRE_CHANGE_PIN
#define UNBLOCK WIRE_UNBLOCK
#define PIN     SKF_BENCH_PIN
#define NEW     "123456"
#define UNKNOWN PIN_UNKNOWN

static const struct
{
  const char *faults, *user, *admin;
  WireKind request;
  const char *first, *new;
  ErrorCode failure;
  int tries_left;
  const char *user_after, *admin_after;
} attempts[] = {
  { "", PIN " 10 10 1", "A 10 10 0", CHANGE, PIN, NEW, ERROR_NONE, UNKNOWN, NEW " 10 10 0", "A 10 10 0" },
  { "wide", PIN " 3 10 1", "A 10 10 0", CHANGE, PIN, NEW, ERROR_NONE, UNKNOWN, NEW " 10 10 0", "A 10 10 0" },
  { "", PIN " 10 10 1", "A 10 10 0", CHANGE, NEW, NEW, ERROR_PIN_WRONG, 9, PIN " 9 10 1", "A 10 10 0" },
  { "wide", PIN " 10 10 1", "A 10 10 0", CHANGE, NEW, NEW, ERROR_PIN_WRONG, 9, PIN " 9 10 1", "A 10 10 0" },
  { "silent-tries", PIN " 10 10 1", "A 1 1 0", CHANGE, NEW, NEW, ERROR_PIN_WRONG, UNKNOWN, PIN " 9 10 1", "A 1 1 0" },
  { "zero-tries", PIN " 10 10 1", "A 1 1 0", CHANGE, NEW, NEW, ERROR_PIN_WRONG, UNKNOWN, PIN " 9 10 1", "A 1 1 0" },
  { "", PIN " 1 10 1", "A 10 10 0", CHANGE, NEW, NEW, ERROR_PIN_BLOCKED, 0, PIN " 0 10 1", "A 10 10 0" },
  { "", PIN " 0 10 1", "A 10 10 0", CHANGE, PIN, NEW, ERROR_PIN_BLOCKED, 0, PIN " 0 10 1", "A 10 10 0" },
  { "", PIN " 10 10 1", "A 10 10 0", CHANGE, PIN, "1", ERROR_PIN_REFUSED, UNKNOWN, PIN " 10 10 1", "A 10 10 0" },
  { "", PIN " 0 10 1", "A 2 10 0", UNBLOCK, "A", NEW, ERROR_NONE, UNKNOWN, NEW " 10 10 0", "A 10 10 0" },
  { "", PIN " 0 10 1", "A 2 10 0", UNBLOCK, "B", NEW, ERROR_PIN_WRONG, 1, PIN " 0 10 1", "A 1 10 0" },
  { "", PIN " 0 10 1", "A 1 10 0", UNBLOCK, "B", NEW, ERROR_PIN_BLOCKED, 0, PIN " 0 10 1", "A 0 10 0" },
  { "fail-SKF_ChangePIN(0A000099)", PIN " 9 10 1", "A 1 1 0", CHANGE, PIN, NEW, ERROR_PIN_STATUS, UNKNOWN,
    PIN " 9 10 1", "A 1 1 0" },
  { "removed-SKF_ChangePIN", PIN " 9 10 1", "A 1 1 0", CHANGE, PIN, NEW, ERROR_PIN_UNANSWERED, UNKNOWN, PIN " 9 10 1",
    "A 1 1 0" },
  { "fail-SKF_ClearSecureState(0A000001)", PIN " 9 10 1", "A 1 1 0", CHANGE, PIN, NEW, ERROR_NONE, UNKNOWN,
    NEW " 10 10 0", "A 1 1 0" },
};

static void
test_attempts (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      g_autoptr (SkfBench) bench = skf_bench_new ();
      g_autoptr (Module) module = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *user = NULL, *admin = NULL, *list = NULL;
      Attempt made;

      skf_bench_put_key (bench, "Key");
      skf_bench_put (bench, USER, attempts[i].user, -1);
      skf_bench_put (bench, ADMIN, attempts[i].admin, -1);
      skf_bench_set_faults (bench, attempts[i].faults);
      module = skf_bench_start_well ();
      g_assert_true (
        skf_bench_attempt (module, attempts[i].request, attempts[i].first, attempts[i].new, &made, &error));
      g_assert_no_error (error);
      g_assert_cmpint (made.failure, ==, attempts[i].failure);
      g_assert_cmpint (made.tries_left, ==, attempts[i].tries_left);
      g_assert_true (made.sent);

      user = skf_bench_get_pin (bench, USER);
      admin = skf_bench_get_pin (bench, ADMIN);
      g_assert_cmpstr (user, ==, attempts[i].user_after);
      g_assert_cmpstr (admin, ==, attempts[i].admin_after);
      g_assert_cmpuint (skf_bench_count (bench, "SKF_ChangePIN"), ==, attempts[i].request == CHANGE);
      g_assert_cmpuint (skf_bench_count (bench, "SKF_UnblockPIN"), ==, attempts[i].request == UNBLOCK);
      g_assert_cmpuint (skf_bench_count (bench, "SKF_ClearSecureState"), ==, 1);
      skf_bench_assert_closed (bench);
    }
}

/* Where the way to the call is barred, no PIN goes out and no try is used. */
static void
test_not_sent (void)
{
  static const struct
  {
    const char *faults;
    ErrorCode failure;
  } cases[] = {
    { "removed-SKF_ConnectDev", ERROR_TOKEN_REMOVED },
    { "removed-SKF_OpenApplication", ERROR_TOKEN_REMOVED },
    { "fail-SKF_ConnectDev(0A000001)", ERROR_READER_BUSY },
    { "fail-SKF_OpenApplication(0A000024)", ERROR_READER_BUSY },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int unblock = 0; unblock <= 1; unblock++)
      {
        g_autoptr (SkfBench) bench = skf_bench_new ();
        g_autoptr (Module) module = NULL;
        Attempt made;

        skf_bench_put_key (bench, "Key");
        skf_bench_set_faults (bench, cases[i].faults);
        module = skf_bench_start_well ();
        g_assert_true (skf_bench_attempt (module, unblock ? UNBLOCK : CHANGE, PIN, NEW, &made, NULL));
        g_assert_false (made.sent);
        g_assert_cmpint (made.failure, ==, cases[i].failure);
        g_assert_cmpint (made.status, ==, ATTEMPT_NO_STATUS);
        g_assert_cmpuint (skf_bench_count (bench, "SKF_ChangePIN") + skf_bench_count (bench, "SKF_UnblockPIN"), ==, 0);
        skf_bench_assert_closed (bench);
      }
}

/* A number that the library did not write is none. */
static void
test_unwritten (void)
{
  static const char *const faults[] = { "silent-tries", "silent-tries wide", "zero-tries" };
  static const char where[] = "Key\0" SKF_BENCH_APPLICATION;

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (SkfBench) bench = skf_bench_new ();
      g_autoptr (Module) module = skf_bench_start_well ();
      g_autoptr (GBytes) address = g_bytes_new_static (where, sizeof where);
      g_autoptr (Secret) first = skf_bench_secret (NEW), new = skf_bench_secret (NEW);
      g_auto (ModuleAnswer) answer = { NULL };

      skf_bench_put_key (bench, "Key");
      skf_bench_set_faults (bench, faults[i]);
      g_assert_true (module_use_pins (module, CHANGE, address, first, new, &answer, NULL));
      g_assert_cmphex (answer.code, ==, 0x0A000024);
      g_assert_cmpstr (answer.function, ==, "SKF_ChangePIN");
      g_assert_cmpuint (answer.records->len, ==, i == 2 ? 1 : 0);
    }
}

/* Addresses that never came from a list. */
static void
test_addresses (void)
{
  static const struct
  {
    const char *bytes;
    gsize length;
  } cases[] = { { "", 0 },
                { "Key", 3 },
                { "Key", 4 },
                { "Key\0", 5 },
                { "Key\0A", 5 },
                { "Key\0A\0B", 8 },
                { "\0"
                  "A",
                  3 } };
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autoptr (Module) module = skf_bench_start_well ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) where = g_bytes_new (cases[i].bytes, cases[i].length);
      g_autoptr (Secret) first = skf_bench_secret (PIN), new = skf_bench_secret (NEW);
      g_auto (ModuleAnswer) answer = { NULL };

      g_assert_true (module_use_pins (module, CHANGE, where, first, new, &answer, NULL));
      g_assert_cmphex (answer.code, !=, 0);
      g_assert_cmpstr (answer.function, ==, "SKF_ConnectDev");
    }
  g_assert_cmpuint (skf_bench_count (bench, "SKF_ChangePIN"), ==, 0);
}

/* A library without one of the functions. */
static const struct
{
  const char *function;
  const char *list;
} parts[] = {
  { "SKF_GetDevInfo", "Key - - " SKF_BENCH_PINS " " SKF_BENCH_CERTIFICATES " [Key]\n" },
  { "SKF_ConnectDev", "Key - - [] [] [Key]\n" },
  { "SKF_DisConnectDev", SKF_BENCH_LIST },
  { "SKF_EnumApplication", "Key BJCA-UserKey 880000000001 [] [] [Key]\n" },
  { "SKF_GetPINInfo", "Key BJCA-UserKey 880000000001 [user -1/-1 -1] " SKF_BENCH_CERTIFICATES " []\n" },
  { "SKF_ExportCertificate", "Key BJCA-UserKey 880000000001 " SKF_BENCH_PINS " [] [personalCert00, rsa]\n" },
  { "SKF_CloseContainer", SKF_BENCH_LIST },
  { "SKF_ChangePIN", SKF_BENCH_LIST },
  { "SKF_WaitForDevEvent", SKF_BENCH_LIST },
};

static void
test_without_part (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (SkfBench) bench = skf_bench_new ();
      g_autofree char *library = skf_bench_copy_without (bench, parts[i].function), *list = NULL;
      g_autoptr (Module) module = module_start ("skf", library, TRUE, NULL);
      guint64 code = 0;
      Attempt made;

      g_test_message ("%s", parts[i].function);
      skf_bench_put_key (bench, "Key");
      g_assert_nonnull (module);
      list = skf_bench_list (module, 0);
      g_assert_cmpstr (list, ==, parts[i].list);
      if (strcmp (parts[i].function, "SKF_ChangePIN") == 0)
        {
          g_assert_true (skf_bench_attempt (module, CHANGE, PIN, NEW, &made, NULL));
          g_assert_cmpint (made.failure, ==, ERROR_PIN_IMPOSSIBLE);
        }
      if (strcmp (parts[i].function, "SKF_WaitForDevEvent") == 0)
        {
          g_assert_true (module_begin_wait (module, NULL));
          g_assert_true (module_end_wait (module, &code, NULL));
          g_assert_cmphex (code, ==, 0x0A000003);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/skf-host/list", test_list);
  g_test_add_func ("/skf-host/quirks", test_quirks);
  g_test_add_func ("/skf-host/losses", test_losses);
  g_test_add_func ("/skf-host/contents", test_contents);
  g_test_add_func ("/skf-host/many", test_many);
  g_test_add_func ("/skf-host/attempts", test_attempts);
  g_test_add_func ("/skf-host/not-sent", test_not_sent);
  g_test_add_func ("/skf-host/unwritten", test_unwritten);
  g_test_add_func ("/skf-host/addresses", test_addresses);
  g_test_add_func ("/skf-host/without-part", test_without_part);
  return g_test_run ();
}
