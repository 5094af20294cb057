/* PINs of tokens behind a library of PKCS #11: what their flags mean, and the return codes. */
#include <string.h>

#include "pkcs11-bench.h"

static const struct
{
  CK_FLAGS flags;
  gboolean there;
  int tries_left;
  gboolean blocked, few;
  int is_default;
  gboolean pinpad;
  PinUnlock unlock;
  int unlock_tries_left;
} flags[] = {
  { PKCS11_PLAIN, TRUE, -1, FALSE, FALSE, -1, FALSE, PIN_UNLOCK_ADMIN, -1 },
  { PKCS11_PLAIN & ~CKF_LOGIN_REQUIRED, FALSE },
  { PKCS11_PLAIN & ~CKF_USER_PIN_INITIALIZED, FALSE },
  { 0, FALSE },
  { PKCS11_PLAIN | CKF_USER_PIN_COUNT_LOW, TRUE, -1, FALSE, TRUE, -1, FALSE, PIN_UNLOCK_ADMIN, -1 },
  { PKCS11_PLAIN | CKF_USER_PIN_FINAL_TRY, TRUE, 1, FALSE, FALSE, -1, FALSE, PIN_UNLOCK_ADMIN, -1 },
  { PKCS11_PLAIN | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_COUNT_LOW, TRUE, 1, FALSE, FALSE, -1, FALSE, PIN_UNLOCK_ADMIN,
    -1 },
  { PKCS11_PLAIN | CKF_USER_PIN_LOCKED, TRUE, 0, TRUE, FALSE, -1, FALSE, PIN_UNLOCK_ADMIN, -1 },
  { PKCS11_PLAIN | CKF_USER_PIN_LOCKED | CKF_USER_PIN_FINAL_TRY, TRUE, 0, TRUE, FALSE, -1, FALSE, PIN_UNLOCK_ADMIN,
    -1 },
  { PKCS11_PLAIN | CKF_USER_PIN_TO_BE_CHANGED, TRUE, -1, FALSE, FALSE, 1, FALSE, PIN_UNLOCK_ADMIN, -1 },
  { PKCS11_PLAIN | CKF_PROTECTED_AUTHENTICATION_PATH, TRUE, -1, FALSE, FALSE, -1, TRUE, PIN_UNLOCK_ADMIN, -1 },
  { PKCS11_PLAIN | CKF_SO_PIN_FINAL_TRY, TRUE, -1, FALSE, FALSE, -1, FALSE, PIN_UNLOCK_ADMIN, 1 },
  { PKCS11_PLAIN | CKF_SO_PIN_LOCKED, TRUE, -1, FALSE, FALSE, -1, FALSE, PIN_UNLOCK_ADMIN, 0 },
  { PKCS11_PLAIN | CKF_WRITE_PROTECTED, TRUE, -1, FALSE, FALSE, -1, FALSE, PIN_UNLOCK_NONE, -1 },
  { PKCS11_PLAIN & ~CKF_TOKEN_INITIALIZED, TRUE, -1, FALSE, FALSE, -1, FALSE, PIN_UNLOCK_NONE, -1 },
};

static void
test_flags (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;
      const Pin *pin;

      pkcs11_put_one (records, flags[i].flags);
      tokens = pkcs11_parse (records);
      pin = token_find_pin (pkcs11_get (tokens, 0)->token, "user");
      g_assert_cmpint (pin != NULL, ==, flags[i].there);
      if (pin == NULL)
        continue;
      g_assert_null (pin->label);
      g_assert_cmpint (pin->tries_left, ==, flags[i].tries_left);
      g_assert_cmpint (pin->tries_max, ==, PIN_UNKNOWN);
      g_assert_cmpint (pin->blocked, ==, flags[i].blocked);
      g_assert_cmpint (pin->few, ==, flags[i].few);
      g_assert_cmpint (pin->is_default, ==, flags[i].is_default);
      g_assert_cmpint (pin->pinpad, ==, flags[i].pinpad);
      g_assert_cmpint (pin->charset, ==, PIN_CHARSET_ANY);
      g_assert_cmpint (pin->unlock, ==, flags[i].unlock);
      g_assert_cmpint (pin->unlock_tries_left, ==, flags[i].unlock_tries_left);
    }
}

static void
test_lengths (void)
{
  static const struct
  {
    CK_ULONG min, max;
    int min_length, max_length;
  } cases[] = {
    { 6, 16, 6, 16 },
    { 4, 255, 4, WIRE_MAX_SECRET },
    { 8, 8, 8, 8 },
    { 0, 0, -1, -1 },
    { 4, 0, 4, -1 },
    { 0, 8, -1, 8 },
    { 8, 6, -1, -1 },
    { 6, CK_UNAVAILABLE_INFORMATION, 6, -1 },
    { CK_UNAVAILABLE_INFORMATION, CK_UNAVAILABLE_INFORMATION, -1, -1 },
    { 6, 4096, 6, -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CK_TOKEN_INFO info = { .flags = PKCS11_PLAIN, .ulMinPinLen = cases[i].min, .ulMaxPinLen = cases[i].max };
      g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;
      const Pin *pin;

      pkcs11_put_slot (records, PKCS11_SLOT, PKCS11_PLACE, CKF_HW_SLOT);
      pkcs11_put (records, WIRE_TOKEN, &info, sizeof info);
      tokens = pkcs11_parse (records);
      pin = token_find_pin (pkcs11_get (tokens, 0)->token, "user");
      g_assert_cmpint (pin->min_length, ==, cases[i].min_length);
      g_assert_cmpint (pin->max_length, ==, cases[i].max_length);
    }
}

/* Two slots of one token, as OpenSC and others show them. */
static void
test_two_slots (void)
{
  static const struct
  {
    const char *labels[3];
    const char *label, *refs, *names;
  } cases[] = {
    { { "Zhang San (User PIN)", "Zhang San (Sign PIN)" }, "Zhang San", "user sign", "User PIN|Sign PIN" },
    { { "Zhang San (User PIN)", "Zhang San (User PIN (sig))" }, "Zhang San", "user sign", "User PIN|User PIN (sig)" },
    { { "Zhang San (PIN 1)", "Zhang San (PIN 2)", "Zhang San (PIN 3" },
      "Zhang San",
      "user user-2 user-3",
      "PIN 1|PIN 2|PIN 3" },
    { { "Zhang San", "Zhang San Signature" }, "Zhang San", "user sign", "Zhang San|Zhang San Signature" },
    { { "Zhang San (PIN)", "Zhang (PIN)" }, "Zhang San (PIN)", "user user-2", "Zhang San (PIN)|Zhang (PIN)" },
    { { "Zhang San ()", "Zhang San (" }, "Zhang San", "user user-2", "-|-" },
    { { "", "" }, NULL, "user user-2", "-|-" },
    { { "Zhang San (Sig 1)", "Zhang San (Sig 2)", "Zhang San (Sig 3)" },
      "Zhang San",
      "user sign user-3",
      "Sig 1|Sig 2|Sig 3" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;
      g_autoptr (GString) refs = g_string_new (NULL), names = g_string_new (NULL);
      const ModuleToken *token;

      for (CK_SLOT_ID j = 0; j < G_N_ELEMENTS (cases[i].labels) && cases[i].labels[j] != NULL; j++)
        {
          pkcs11_put_slot (records, j, PKCS11_PLACE, CKF_HW_SLOT);
          pkcs11_put_token (records, cases[i].labels[j], "Example", "4711", PKCS11_PLAIN);
        }
      tokens = pkcs11_parse (records);
      g_assert_cmpuint (tokens->len, ==, 1);
      token = pkcs11_get (tokens, 0);
      g_assert_cmpstr (token->token->label, ==, cases[i].label);
      for (guint j = 0; j < token->token->pins->len; j++)
        {
          const Pin *pin = token->token->pins->pdata[j];

          g_string_append_printf (refs, "%s%s", j > 0 ? " " : "", pin->ref);
          g_string_append_printf (names, "%s%s", j > 0 ? "|" : "", pin->label != NULL ? pin->label : "-");
          g_assert_cmpuint (*(const CK_SLOT_ID *) g_bytes_get_data (token->addresses->pdata[j], NULL), ==, j);
        }
      g_assert_cmpstr (refs->str, ==, cases[i].refs);
      g_assert_cmpstr (names->str, ==, cases[i].names);
    }
}

/* What came back, the function that said it, and the flags of the token then (0: none came). */
static const struct
{
  guint64 code;
  const char *function;
  CK_FLAGS flags;
  ErrorCode failure;
  gboolean sent;
  int tries_left;
} answers[] = {
  { CKR_OK, "", 0, ERROR_NONE, TRUE, -1 },
  { CKR_PIN_INCORRECT, "C_SetPIN", 0, ERROR_PIN_WRONG, TRUE, -1 },
  { CKR_PIN_INCORRECT, "C_SetPIN", CKF_USER_PIN_COUNT_LOW, ERROR_PIN_WRONG, TRUE, -1 },
  { CKR_PIN_INCORRECT, "C_SetPIN", CKF_USER_PIN_FINAL_TRY, ERROR_PIN_WRONG, TRUE, 1 },
  { CKR_PIN_INCORRECT, "C_SetPIN", CKF_USER_PIN_LOCKED, ERROR_PIN_WRONG, TRUE, 0 },
  { CKR_PIN_INCORRECT, "C_SetPIN", CKF_SO_PIN_FINAL_TRY, ERROR_PIN_WRONG, TRUE, -1 },
  { CKR_PIN_INCORRECT, "C_Login", CKF_SO_PIN_FINAL_TRY, ERROR_PIN_WRONG, TRUE, 1 },
  { CKR_PIN_INCORRECT, "C_Login", CKF_SO_PIN_LOCKED, ERROR_PIN_WRONG, TRUE, 0 },
  { CKR_PIN_INCORRECT, "C_Login", CKF_USER_PIN_LOCKED, ERROR_PIN_WRONG, TRUE, -1 },
  { CKR_PIN_LOCKED, "C_SetPIN", 0, ERROR_PIN_BLOCKED, TRUE, 0 },
  { CKR_PIN_LOCKED, "C_Login", 0, ERROR_PIN_BLOCKED, TRUE, 0 },
  { CKR_PIN_LOCKED, "C_GetTokenInfo", 0, ERROR_PIN_BLOCKED, FALSE, 0 },
  { CKR_PIN_LEN_RANGE, "C_SetPIN", CKF_USER_PIN_FINAL_TRY, ERROR_PIN_REFUSED, TRUE, -1 },
  { CKR_PIN_INVALID, "C_InitPIN", 0, ERROR_PIN_REFUSED, TRUE, -1 },
  { 0x1B8, "C_SetPIN", 0, ERROR_PIN_REFUSED, TRUE, -1 },
  { CKR_PIN_EXPIRED, "C_Login", 0, ERROR_PIN_IMPOSSIBLE, TRUE, -1 },
  { CKR_FUNCTION_CANCELED, "C_SetPIN", 0, ERROR_PAD_CANCELLED, FALSE, -1 },
  { CKR_FUNCTION_NOT_SUPPORTED, "C_SetPIN", 0, ERROR_PIN_IMPOSSIBLE, TRUE, -1 },
  { CKR_USER_NOT_LOGGED_IN, "C_SetPIN", 0, ERROR_PIN_STATUS, TRUE, -1 },
  { CKR_SESSION_READ_ONLY, "C_SetPIN", 0, ERROR_PIN_IMPOSSIBLE, TRUE, -1 },
  { CKR_TOKEN_WRITE_PROTECTED, "C_OpenSession", 0, ERROR_PIN_IMPOSSIBLE, FALSE, -1 },
  { CKR_TOKEN_NOT_PRESENT, "C_OpenSession", 0, ERROR_TOKEN_REMOVED, FALSE, -1 },
  { CKR_SLOT_ID_INVALID, "C_OpenSession", 0, ERROR_TOKEN_REMOVED, FALSE, -1 },
  { CKR_DEVICE_REMOVED, "C_SetPIN", 0, ERROR_PIN_UNANSWERED, TRUE, -1 },
  { CKR_DEVICE_ERROR, "C_SetPIN", CKF_USER_PIN_LOCKED, ERROR_PIN_STATUS, TRUE, -1 },
  { CKR_GENERAL_ERROR, "C_OpenSession", 0, ERROR_PIN_STATUS, FALSE, -1 },
  { CKR_VENDOR_DEFINED + 1, "C_SetPIN", 0, ERROR_PIN_STATUS, TRUE, -1 },
  { G_MAXUINT64, "C_SetPIN", 0, ERROR_PIN_STATUS, TRUE, -1 },
  { CKR_PIN_INCORRECT + (G_GUINT64_CONSTANT (1) << 32), "C_SetPIN", 0, ERROR_PIN_STATUS, TRUE, -1 },
  { CKR_PIN_INCORRECT, "", 0, ERROR_PIN_WRONG, FALSE, -1 },
};

static void
test_answers (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_auto (ModuleAnswer) answer = { pkcs11_records_new (), answers[i].code, "" };
      Attempt attempt = { .sent = TRUE, .failure = ERROR_CANCELLED, .status = -7, .tries_left = -7 }, copy;
      g_autoptr (GVariant) variant = NULL;
      int status = answers[i].sent && answers[i].code <= G_MAXINT ? (int) answers[i].code : ATTEMPT_NO_STATUS;

      g_strlcpy (answer.function, answers[i].function, sizeof answer.function);
      pkcs11_put (answer.records, WIRE_TOKEN, "too short", 9);
      if (answers[i].flags != 0)
        pkcs11_put_token (answer.records, "Zhang San", "Example", "4711", PKCS11_PLAIN | answers[i].flags);
      pkcs11_module.explain (&answer, &attempt);
      g_assert_cmpint (attempt.failure, ==, answers[i].failure);
      g_assert_cmpint (attempt.sent, ==, answers[i].sent);
      g_assert_cmpint (attempt.status, ==, status);
      g_assert_cmpint (attempt.tries_left, ==, answers[i].tries_left);
      variant = g_variant_ref_sink (attempt_to_variant (&attempt));
      g_assert_true (attempt_from_variant (variant, &copy));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pkcs11-pin/flags", test_flags);
  g_test_add_func ("/pkcs11-pin/lengths", test_lengths);
  g_test_add_func ("/pkcs11-pin/two-slots", test_two_slots);
  g_test_add_func ("/pkcs11-pin/answers", test_answers);
  return g_test_run ();
}
