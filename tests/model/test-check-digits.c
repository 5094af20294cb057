/* Codes and numbers of holders: their check digits, who may see them, and which of them is the taxpayer number. Every
 * number is made up, or the example of its standard. */
#include "model/identity.h"

#include <string.h>

#define OK       IDENTITY_CHECK_OK
#define MISMATCH IDENTITY_CHECK_MISMATCH
#define NONE     IDENTITY_CHECK_NONE

static const struct
{
  IdentityKind kind;
  const char *value;
  IdentityCheck check;
} checks[] = {
  /* GB 32100 */
  { IDENTITY_USCC, "91512081MA62K0260E", OK },
  { IDENTITY_USCC, "91350100M000100Y43", OK },
  { IDENTITY_USCC, "91350100m000100y43", OK },
  { IDENTITY_USCC, "91110000MA0000111B", OK },
  { IDENTITY_USCC, "91110000MA00000820", OK }, /* the check digit 0 */
  { IDENTITY_USCC, "91350100M000100Y4Z", MISMATCH },
  { IDENTITY_USCC, "91350100M000100Y34", MISMATCH }, /* two places changed */
  { IDENTITY_USCC, "9I350100M000100Y43", MISMATCH }, /* a letter that does not occur */
  { IDENTITY_USCC, "91350100M00010 Y43", MISMATCH },
  { IDENTITY_USCC, "91350100M000100Y4", NONE },
  { IDENTITY_USCC, "91350100M000100Y433", NONE },
  { IDENTITY_USCC, "M000100Y4", NONE },
  /* GB 11714 */
  { IDENTITY_ORGANIZATION_CODE, "782543244", OK },
  { IDENTITY_ORGANIZATION_CODE, "78254324-4", OK },
  { IDENTITY_ORGANIZATION_CODE, "M000100Y-4", OK },
  { IDENTITY_ORGANIZATION_CODE, "MA62K026-0", OK }, /* 11 is written 0 */
  { IDENTITY_ORGANIZATION_CODE, "12345001-X", OK }, /* 10 is written X */
  { IDENTITY_ORGANIZATION_CODE, "12345001-x", OK },
  { IDENTITY_ORGANIZATION_CODE, "78254324-5", MISMATCH },
  { IDENTITY_ORGANIZATION_CODE, "78254342-4", MISMATCH },
  { IDENTITY_ORGANIZATION_CODE, "78254324*4", NONE },
  { IDENTITY_ORGANIZATION_CODE, "7825432-44", NONE },
  { IDENTITY_ORGANIZATION_CODE, "78254324", NONE },
  /* GB 11643 */
  { IDENTITY_ID_CARD, "11010519491231002X", OK },
  { IDENTITY_ID_CARD, "11010519491231002x", OK },
  { IDENTITY_ID_CARD, "110105194912310281", OK },
  { IDENTITY_ID_CARD, "110105194912310282", MISMATCH },
  { IDENTITY_ID_CARD, "11010519491231020X", MISMATCH },
  { IDENTITY_ID_CARD, "1101051949123100ZX", MISMATCH },
  { IDENTITY_ID_CARD, "110105491231002", NONE }, /* of 15 places: it has none */
  { IDENTITY_ID_CARD, "G12345678", NONE },       /* a passport */
  /* a firm's is its credit code, a person's the number of his card, and older ones have other lengths */
  { IDENTITY_TAXPAYER_ID, "91350100M000100Y43", OK },
  { IDENTITY_TAXPAYER_ID, "11010519491231002X", OK },
  { IDENTITY_TAXPAYER_ID, "91350100M000100Y44", MISMATCH },
  { IDENTITY_TAXPAYER_ID, "110108782543244", NONE },
  { IDENTITY_TAXPAYER_ID, "11010519491231002X01", NONE },
  { IDENTITY_BUSINESS_REGISTRATION, "110105012345678", NONE },
  { IDENTITY_BUSINESS_REGISTRATION, "91350100M000100Y43", OK },
  { IDENTITY_BUSINESS_REGISTRATION, "91350100M000100Y45", MISMATCH },
  { IDENTITY_SOCIAL_INSURANCE, "110105194912310281", NONE },
  { IDENTITY_ENTITY_ID, "1@215009JJ0782543244", NONE },
};

static void
test_checks (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      g_autoptr (Identity) identity = identity_new (checks[i].kind, checks[i].value, NULL);

      g_test_message ("%s", checks[i].value);
      g_assert_cmpstr (identity->value, ==, checks[i].value);
      g_assert_cmpint (identity->check, ==, checks[i].check);
    }
}

/* Another character in any one place never fits: the standards promise that. */
static void
test_one_place_changed (void)
{
  static const struct
  {
    const char *number, *alphabet;
    gboolean (*fits) (const char *);
  } numbers[] = {
    { "91350100M000100Y43", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. ", identity_fits_credit_code },
    { "78254324-4", "0123456789", identity_fits_organization_code },
    { "11010519491231002X", "0123456789X-", identity_fits_id_card },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    for (gsize place = 0; place < strlen (numbers[i].number); place++)
      for (const char *other = numbers[i].alphabet; *other; other++)
        {
          g_autofree char *changed = g_strdup (numbers[i].number);

          changed[place] = *other;
          g_assert_true (numbers[i].fits (changed) == (numbers[i].number[place] == *other));
        }
}

static void
test_any_text (void)
{
  static const char *const texts[] = { "", "-", "张三", "一二三四五六", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_false (identity_fits_credit_code (texts[i]));
      g_assert_false (identity_fits_organization_code (texts[i]));
      g_assert_false (identity_fits_id_card (texts[i]));
    }
}

static void
test_bounds (void)
{
  g_autofree char *longest = g_strnfill (IDENTITY_MAX_CHARS, '9');
  g_autofree char *longer = g_strnfill (IDENTITY_MAX_CHARS + 1, '9');
  g_autoptr (Identity) kept = identity_new (IDENTITY_ENTITY_ID, longest, longer);
  g_autoptr (Identity) cleaned = identity_new (IDENTITY_USCC, " 9135\u202E0100M000100Y43\n", "\033Code");

  g_assert_cmpstr (kept->value, ==, longest);
  g_assert_null (kept->label);
  g_assert_cmpstr (cleaned->value, ==, "91350100M000100Y43");
  g_assert_cmpstr (cleaned->label, ==, "Code");
  g_assert_cmpint (cleaned->check, ==, OK);
  g_assert_null (identity_new (IDENTITY_USCC, longer, NULL));
  g_assert_null (identity_new (IDENTITY_USCC, "", NULL));
  g_assert_null (identity_new (IDENTITY_USCC, "\u200B\n", NULL));
  g_assert_null (identity_new (IDENTITY_USCC, "9135\xff", NULL));
}

static void
test_masks (void)
{
  static const struct
  {
    IdentityKind kind;
    const char *value, *masked; /* NULL: it is nobody's own */
  } cases[] = {
    { IDENTITY_ID_CARD, "11010519491231002X", "··············002X" },
    { IDENTITY_ID_CARD, "G12345678", "·····5678" },
    { IDENTITY_ID_CARD, "军字12345", "···2345" },
    { IDENTITY_ID_CARD, "1234", "····" },
    { IDENTITY_SOCIAL_INSURANCE, "123456789", "·····6789" },
    { IDENTITY_TAXPAYER_ID, "11010519491231002X", "··············002X" },
    { IDENTITY_TAXPAYER_ID, "11010519491231002X01", "················2X01" },
    { IDENTITY_TAXPAYER_ID, "91350100M000100Y43", NULL },
    { IDENTITY_TAXPAYER_ID, "110108782543244", NULL },
    { IDENTITY_USCC, "91350100M000100Y44", NULL },
    { IDENTITY_ORGANIZATION_CODE, "78254324-4", NULL },
    { IDENTITY_ENTITY_ID, "1@215009SF0110105194912310281", "·························0281" },
    { IDENTITY_ENTITY_ID, "1@5009SF0110105491231002", "····················1002" },
    { IDENTITY_ENTITY_ID, "0003@110105194912310281", "···················0281" },
    { IDENTITY_ENTITY_ID, "1@215009JJ0782543244", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Identity) identity = identity_new (cases[i].kind, cases[i].value, NULL);
      g_autofree char *masked = identity_mask (identity);

      g_assert_cmpstr (masked, ==, cases[i].masked ? cases[i].masked : cases[i].value);
      g_assert_true (identity_is_personal (identity) == (cases[i].masked != NULL));
    }
}

static void
add (GPtrArray *list, IdentityKind kind, const char *value)
{
  g_ptr_array_add (list, identity_new (kind, value, NULL));
}

static void
test_taxpayer_number (void)
{
  g_autoptr (GPtrArray) list = identity_list_new ();

  add (list, IDENTITY_ID_CARD, "11010519491231002X");
  add (list, IDENTITY_ORGANIZATION_CODE, "M000100Y4");
  g_assert_null (identity_find_taxpayer_number (list));
  add (list, IDENTITY_USCC, "91350100M000100Y43");
  add (list, IDENTITY_USCC, "91110000MA0000111B");
  g_assert_cmpstr (identity_find_taxpayer_number (list)->value, ==, "91350100M000100Y43");
  add (list, IDENTITY_TAXPAYER_ID, "110108782543244");
  add (list, IDENTITY_TAXPAYER_ID, "91110000MA0000111B");
  g_assert_cmpstr (identity_find_taxpayer_number (list)->value, ==, "110108782543244");
}

static void
test_words (void)
{
  IdentityKind kind;

  for (guint i = 0; i < IDENTITY_N_KINDS; i++)
    {
      g_assert_true (identity_kind_from_string (identity_kind_to_string (i), &kind));
      g_assert_cmpint (kind, ==, i);
    }
  g_assert_false (identity_kind_from_string ("USCC", &kind));
  g_assert_false (identity_kind_from_string ("", &kind));
  g_assert_cmpstr (identity_check_to_string (OK), ==, "ok");
  g_assert_cmpstr (identity_check_to_string (MISMATCH), ==, "mismatch");
  g_assert_cmpstr (identity_check_to_string (NONE), ==, "none");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/check-digits/checks", test_checks);
  g_test_add_func ("/check-digits/one-place-changed", test_one_place_changed);
  g_test_add_func ("/check-digits/any-text", test_any_text);
  g_test_add_func ("/check-digits/bounds", test_bounds);
  g_test_add_func ("/check-digits/masks", test_masks);
  g_test_add_func ("/check-digits/taxpayer-number", test_taxpayer_number);
  g_test_add_func ("/check-digits/words", test_words);
  return g_test_run ();
}
