#include "model/pin-rules.h"

#include <locale.h>
#include <string.h>

#include "sample.h"

#define ID_NUMBER "11010119900307001X"
#define PERSON    "CN=" SAMPLE_HOLDER ",serialNumber=SF" ID_NUMBER ",O=" SAMPLE_ORGANIZATION ",OU=91110108"

/* A literal as a PIN, NULs and all. */
#define PIN(literal)                                                                                                   \
  {                                                                                                                    \
    literal, sizeof (literal) - 1                                                                                      \
  }

/* Rules that are not met. */
enum
{
  LENGTH = 1 << PIN_RULE_LENGTH,
  CHARACTERS = 1 << PIN_RULE_CHARACTERS,
  CURRENT = 1 << PIN_RULE_NOT_CURRENT,
  TRIVIAL = 1 << PIN_RULE_NOT_TRIVIAL,
  PERSONAL = 1 << PIN_RULE_NOT_PERSONAL,
  REPEATED = 1 << PIN_RULE_REPEATED,
  ALL = (1 << PIN_N_RULES) - 1
};

enum
{
  NONE = 0,
  DIGIT = ISSUER_PIN_DIGIT,
  LOWER = ISSUER_PIN_LOWER,
  UPPER = ISSUER_PIN_UPPER,
  SIGN = ISSUER_PIN_SIGN
};

/* Who lays down rules. */
typedef struct
{
  int min, max; /* of the token */
  PinCharset charset;
  gboolean issuer;
  int issuer_min, issuer_max;
  guint classes;
  const char *initial, *subject;
} Makers;

enum
{
  DIGITS_6_8,
  ANY_6_16,
  SILENT,
  AT_LEAST_6,
  AT_MOST_8,
  STRICTER,
  LAXER,
  CONTRADICTED,
  CLASSES,
  ALL_CLASSES,
  DIGITS_CLASSES,
  INITIAL,
  PERSON_DIGITS,
  PERSON_ANY
};

static const Makers makers[] = {
  [DIGITS_6_8] = { 6, 8, PIN_CHARSET_DIGITS },
  [ANY_6_16] = { 6, 16, PIN_CHARSET_ANY },
  [SILENT] = { -1, -1, PIN_CHARSET_UNKNOWN },
  [AT_LEAST_6] = { 6, -1, PIN_CHARSET_ANY },
  [AT_MOST_8] = { -1, 8, PIN_CHARSET_ANY },
  [STRICTER] = { 4, 16, PIN_CHARSET_ANY, TRUE, 8, 12 },
  [LAXER] = { 6, 8, PIN_CHARSET_DIGITS, TRUE, 4, 20 },
  [CONTRADICTED] = { 6, 8, PIN_CHARSET_DIGITS, TRUE, 10, 16 },
  [CLASSES] = { 6, 16, PIN_CHARSET_ANY, TRUE, -1, -1, DIGIT | LOWER },
  [ALL_CLASSES] = { 6, 16, PIN_CHARSET_ANY, TRUE, -1, -1, DIGIT | LOWER | UPPER | SIGN },
  [DIGITS_CLASSES] = { 6, 8, PIN_CHARSET_DIGITS, TRUE, -1, -1, DIGIT | LOWER | UPPER },
  [INITIAL] = { 6, 16, PIN_CHARSET_ANY, TRUE, -1, -1, NONE, "802468;Example1" },
  [PERSON_DIGITS] = { 4, 20, PIN_CHARSET_DIGITS, .subject = PERSON },
  [PERSON_ANY] = { 4, 20, PIN_CHARSET_ANY, .subject = PERSON },
};

static PinRules *
make_rules (const Makers *from)
{
  g_autoptr (Pin) pin = pin_new ("user");
  g_autoptr (Certificate) certificate = from->subject ? sample_certificate ("9a", 1, 0, 1) : NULL;
  g_auto (GStrv) initial = g_strsplit (from->initial ? from->initial : "", ";", -1);
  g_autofree Issuer *issuer = from->issuer ? g_new0 (Issuer, 1) : NULL;

  pin->min_length = from->min;
  pin->max_length = from->max;
  pin->charset = from->charset;
  if (issuer)
    {
      issuer->pin_min_length = from->issuer_min;
      issuer->pin_max_length = from->issuer_max;
      issuer->pin_classes = from->classes;
      issuer->initial_pins = initial;
    }
  if (certificate)
    {
      g_free (certificate->subject);
      certificate->subject = g_strdup (from->subject);
    }
  return pin_rules_new (pin, issuer, certificate);
}

static const struct
{
  guint makers;
  PinText new, old, repeat; /* no old one: there is none to compare with; no repeat: the same again */
  guint unmet;
} cases[] = {
  /* lengths */
  { DIGITS_6_8, PIN ("24681"), .unmet = LENGTH },
  { DIGITS_6_8, PIN ("246813") },
  { DIGITS_6_8, PIN ("24681357") },
  { DIGITS_6_8, PIN ("246813579"), .unmet = LENGTH },
  { ANY_6_16, PIN ("2468135724681359") },
  { ANY_6_16, PIN ("24681357246813591"), .unmet = LENGTH },
  { SILENT, PIN ("2461") },
  { SILENT, PIN ("24681357135724688642753175312468") },
  { AT_LEAST_6, PIN ("24681"), .unmet = LENGTH },
  { AT_LEAST_6, PIN ("24681357135724688642") },
  { AT_MOST_8, PIN ("246") },
  { AT_MOST_8, PIN ("246813579"), .unmet = LENGTH },
  { STRICTER, PIN ("2468135"), .unmet = LENGTH },
  { STRICTER, PIN ("24681357") },
  { STRICTER, PIN ("2468135724681"), .unmet = LENGTH },
  { LAXER, PIN ("24681"), .unmet = LENGTH },
  { LAXER, PIN ("246813579"), .unmet = LENGTH },
  { CONTRADICTED, PIN ("246813") },
  { CONTRADICTED, PIN ("2468135713"), .unmet = LENGTH },
  /* characters */
  { DIGITS_6_8, PIN ("24681a"), .unmet = CHARACTERS },
  { DIGITS_6_8, PIN ("24681 "), .unmet = CHARACTERS },
  { DIGITS_6_8, PIN ("2468\0001"), .unmet = CHARACTERS },
  { DIGITS_6_8, PIN ("２６"), .unmet = CHARACTERS },
  { ANY_6_16, PIN ("Token!24~") },
  { ANY_6_16, PIN ("token 24"), .unmet = CHARACTERS },
  { ANY_6_16, PIN (" token24"), .unmet = CHARACTERS },
  { ANY_6_16, PIN ("token24\t"), .unmet = CHARACTERS },
  { ANY_6_16, PIN ("token24\177"), .unmet = CHARACTERS },
  { ANY_6_16, PIN ("token\00024"), .unmet = CHARACTERS },
  { ANY_6_16, PIN ("\0token24"), .unmet = CHARACTERS },
  { ANY_6_16, PIN ("tökén24"), .unmet = CHARACTERS },
  { ANY_6_16, PIN ("密码24"), .unmet = CHARACTERS },
  { ANY_6_16, PIN ("token\377"), .unmet = CHARACTERS },
  { SILENT, PIN ("token24!") },
  { SILENT, PIN ("密码24"), .unmet = CHARACTERS },
  { CLASSES, PIN ("token24") },
  { CLASSES, PIN ("tokens"), .unmet = CHARACTERS },
  { CLASSES, PIN ("246813"), .unmet = CHARACTERS },
  { CLASSES, PIN ("TOKEN24"), .unmet = CHARACTERS },
  { CLASSES, PIN ("token24é"), .unmet = CHARACTERS },
  { ALL_CLASSES, PIN ("Token!24") },
  { ALL_CLASSES, PIN ("Token24a"), .unmet = CHARACTERS },
  { ALL_CLASSES, PIN ("token!24"), .unmet = CHARACTERS },
  { ALL_CLASSES, PIN ("TOKEN!24"), .unmet = CHARACTERS },
  { ALL_CLASSES, PIN ("Token!!a"), .unmet = CHARACTERS },
  { DIGITS_CLASSES, PIN ("246813") },
  { DIGITS_CLASSES, PIN ("Token24"), .unmet = CHARACTERS },
  /* runs */
  { DIGITS_6_8, PIN ("123456"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("654321"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("890123"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("210987"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("123457") },
  { DIGITS_6_8, PIN ("123432") },
  { ANY_6_16, PIN ("1234567890"), .unmet = TRIVIAL },
  { ANY_6_16, PIN ("abcdef"), .unmet = TRIVIAL },
  { ANY_6_16, PIN ("FeDcBa"), .unmet = TRIVIAL },
  { ANY_6_16, PIN ("uvwxyz"), .unmet = TRIVIAL },
  { ANY_6_16, PIN ("wxyzab") },
  { ANY_6_16, PIN ("./0123") },
  { ANY_6_16, PIN ("789:;<") },
  { ANY_6_16, PIN ("XYZ[\\]") },
  /* repetitions */
  { DIGITS_6_8, PIN ("111111"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("000000"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("111112") },
  { DIGITS_6_8, PIN ("121212"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("135135"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("1351351"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("24682468"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("246824") },
  { ANY_6_16, PIN ("tokenTOKEN"), .unmet = TRIVIAL },
  { ANY_6_16, PIN ("!!!!!!"), .unmet = TRIVIAL },
  { ANY_6_16, PIN ("\0token\0other"), .unmet = CHARACTERS },
  { SILENT, PIN ("7"), .unmet = TRIVIAL },
  { SILENT, PIN ("12"), .unmet = TRIVIAL },
  { SILENT, PIN ("13") },
  /* known to everybody */
  { DIGITS_6_8, PIN ("112233"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("147258"), .unmet = TRIVIAL },
  { DIGITS_6_8, PIN ("159357"), .unmet = TRIVIAL },
  { ANY_6_16, PIN ("Qwerty"), .unmet = TRIVIAL },
  { ANY_6_16, PIN ("qwertz") },
  { ANY_6_16, PIN ("qwerty\0"), .unmet = CHARACTERS },
  { INITIAL, PIN ("802468"), .unmet = TRIVIAL },
  { INITIAL, PIN ("example1"), .unmet = TRIVIAL },
  { INITIAL, PIN ("8024681") },
  { INITIAL, PIN ("80246"), .unmet = LENGTH },
  /* the current one */
  { DIGITS_6_8, PIN ("246813"), PIN ("135724") },
  { DIGITS_6_8, PIN ("246813"), PIN ("246813"), .unmet = CURRENT },
  { DIGITS_6_8, PIN ("246813"), PIN ("2468135") },
  { DIGITS_6_8, PIN ("246813"), PIN (""), .unmet = CURRENT },
  { ANY_6_16, PIN ("token24"), PIN ("Token24") },
  /* both entries */
  { DIGITS_6_8, PIN ("246813"), .repeat = PIN ("246831"), .unmet = REPEATED },
  { DIGITS_6_8, PIN ("246813"), .repeat = PIN ("24681"), .unmet = REPEATED },
  { DIGITS_6_8, PIN ("246813"), .repeat = PIN (""), .unmet = REPEATED },
  { DIGITS_6_8, PIN ("246813"), PIN ("246813"), PIN ("2468139"), .unmet = CURRENT | REPEATED },
  { ANY_6_16, PIN ("token24"), .repeat = PIN ("Token24"), .unmet = REPEATED },
  /* the holder's numbers */
  { PERSON_DIGITS, PIN ("110101"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("307001"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("11010119900307001"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("911101"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("0108"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("110102") },
  { PERSON_DIGITS, PIN ("19900307"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("07031990"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("03071990"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("900307"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("070390"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("030790"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("2407039024"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("0703"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("1990"), .unmet = PERSONAL },
  { PERSON_DIGITS, PIN ("19900308") },
  { PERSON_DIGITS, PIN ("190"), .unmet = LENGTH },
  { PERSON_ANY, PIN ("07001x"), .unmet = PERSONAL },
  { PERSON_ANY, PIN (ID_NUMBER), .unmet = PERSONAL },
  { PERSON_ANY, PIN ("t" ID_NUMBER "!"), .unmet = PERSONAL },
  { PERSON_ANY, PIN ("token900307"), .unmet = PERSONAL },
  { PERSON_ANY, PIN ("token90037") },
  { PERSON_ANY, PIN ("token24"), PIN ("token24"), PIN (""), .unmet = CURRENT | REPEATED },
  { PERSON_DIGITS, PIN ("19900307"), PIN ("19900307"), .unmet = CURRENT | PERSONAL },
  /* empty: nothing is met */
  { DIGITS_6_8, PIN (""), .unmet = ALL },
  { SILENT, { NULL, 0 }, PIN ("246813"), .unmet = ALL },
  { PERSON_ANY, PIN (""), PIN ("246813"), .unmet = ALL },
};

static void
test_check (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PinRules) rules = make_rules (&makers[cases[i].makers]);
      const PinText *old = cases[i].old.bytes ? &cases[i].old : NULL;
      const PinText *repeat = cases[i].repeat.bytes ? &cases[i].repeat : &cases[i].new;
      guint list = pin_rules_list (rules, old != NULL);
      guint met = pin_rules_check (rules, old, &cases[i].new, repeat);

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_cmphex (met, ==, list & ~cases[i].unmet);
      if (cases[i].unmet != ALL)
        g_assert_cmphex (cases[i].unmet & ~list, ==, 0);
    }
}

static void
test_list (void)
{
  g_autoptr (PinRules) plain = make_rules (&makers[DIGITS_6_8]);
  g_autoptr (PinRules) person = make_rules (&makers[PERSON_ANY]);
  g_autoptr (PinRules) again = pin_rules_ref (plain);

  g_assert_true (again == plain);
  g_assert_cmphex (pin_rules_list (plain, FALSE), ==, ALL & ~(CURRENT | PERSONAL));
  g_assert_cmphex (pin_rules_list (plain, TRUE), ==, ALL & ~PERSONAL);
  g_assert_cmphex (pin_rules_list (person, FALSE), ==, ALL & ~CURRENT);
  g_assert_cmphex (pin_rules_list (person, TRUE), ==, ALL);
}

static void
test_lengths (void)
{
  static const struct
  {
    int min, max, issuer_min, issuer_max;
    int new_min, new_max, old_min, old_max;
  } rows[] = {
    { 6, 8, -1, -1, 6, 8, 6, 8 },     { -1, -1, 6, 8, 6, 8, -1, -1 },   { 4, 16, 8, 12, 8, 12, 4, 16 },
    { 8, 12, 4, 16, 8, 12, 8, 12 },   { 6, 8, 8, -1, 8, 8, 6, 8 },      { 6, 8, 9, -1, 6, 8, 6, 8 },
    { 6, 8, -1, 4, 6, 8, 6, 8 },      { 6, -1, -1, 8, 6, 8, 6, -1 },    { -1, 8, 6, -1, 6, 8, -1, 8 },
    { 6, -1, -1, 4, 6, -1, 6, -1 },   { 0, 0, -1, -1, -1, -1, -1, -1 }, { 8, 6, -1, -1, -1, -1, -1, -1 },
    { -1, -1, 8, 6, -1, -1, -1, -1 }, { 8, 6, 6, 8, 6, 8, -1, -1 },     { 6, 8, 16, 10, 6, 8, 6, 8 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PinRules) rules = make_rules (
        &(Makers){ rows[i].min, rows[i].max, PIN_CHARSET_ANY, TRUE, rows[i].issuer_min, rows[i].issuer_max });

      g_assert_cmpint (rules->min_length, ==, rows[i].new_min);
      g_assert_cmpint (rules->max_length, ==, rows[i].new_max);
      g_assert_cmpint (rules->old_min_length, ==, rows[i].old_min);
      g_assert_cmpint (rules->old_max_length, ==, rows[i].old_max);
    }
}

/* What the certificate says beside its name counts too. */
static void
test_identities (void)
{
  static const struct
  {
    IdentityKind kind;
    const char *value, *personal;
  } rows[] = {
    { IDENTITY_ID_CARD, ID_NUMBER, ID_NUMBER ";19900307;07031990;03071990;900307;070390;030790" },
    { IDENTITY_USCC, "91350100M000100Y43", "91350100;000100" },
    { IDENTITY_ORGANIZATION_CODE, "78254324-4", "78254324" },
    { IDENTITY_ENTITY_ID, "1@215009SF0" ID_NUMBER,
      "215009;011010119900307001;" ID_NUMBER ";19900307;07031990;03071990;900307;070390;030790" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Certificate) certificate = certificate_new ();
      Pin *pin = pin_new ("user");
      g_autoptr (PinRules) rules = NULL;
      g_autofree char *personal = NULL;

      g_ptr_array_add (certificate->identities, identity_new (rows[i].kind, rows[i].value, NULL));
      rules = pin_rules_new (pin, NULL, certificate);
      personal = g_strjoinv (";", rules->personal);
      g_assert_cmpstr (personal, ==, rows[i].personal);
      pin_free (pin);
    }
}

static void
test_personal (void)
{
  static const struct
  {
    const char *subject, *personal;
  } rows[] = {
    { "CN=x", "" },
    { "CN=12345", "" },
    { "CN=123456,OU=123456", "123456" },
    { "CN=12345-67890", "" },
    { "CN=" ID_NUMBER, ID_NUMBER ";19900307;07031990;03071990;900307;070390;030790" },
    { "CN=11010119900307001x", "11010119900307001x;19900307;07031990;03071990;900307;070390;030790" },
    { "CN=110101199003070011,O=x", "110101199003070011;19900307;07031990;03071990;900307;070390;030790" },
    { "CN=110101200002290011", "110101200002290011;20000229;29022000;02292000;000229;290200;022900" },
    { "CN=" ID_NUMBER "Z", "11010119900307001" },
    { "CN=1" ID_NUMBER, "111010119900307001" },
    { "CN=110101199002300011", "110101199002300011" },
    { "CN=110101199013010011", "110101199013010011" },
    { "CN=110101000000000011", "110101000000000011" },
    { "CN=1101011990030700111", "1101011990030700111" },
    { "CN=2024681357X", "2024681357" },
  };
  g_autoptr (Pin) pin = pin_new ("user");
  g_autoptr (Certificate) certificate = sample_certificate ("9a", 1, 0, 1);
  g_autoptr (PinRules) alternative = NULL, unknown = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PinRules) rules = make_rules (&(Makers){ .subject = rows[i].subject });
      g_autofree char *personal = g_strjoinv (";", rules->personal);

      g_assert_cmpstr (personal, ==, rows[i].personal);
    }
  certificate->alternative_names = g_strsplit ("DNS:a1.example,UPN:802468135@example,email:135790@example", ",", -1);
  alternative = pin_rules_new (pin, NULL, certificate);
  g_assert_cmpuint (g_strv_length (alternative->personal), ==, 2);
  g_assert_cmpstr (alternative->personal[0], ==, "802468135");
  g_assert_cmpstr (alternative->personal[1], ==, "135790");
  g_clear_pointer (&certificate->subject, g_free);
  g_clear_pointer (&certificate->alternative_names, g_strfreev);
  unknown = pin_rules_new (pin, NULL, certificate);
  g_assert_cmpuint (g_strv_length (unknown->personal), ==, 0);
  g_assert_cmpuint (g_strv_length (unknown->initial), ==, 0);
}

/* Whatever the issuer wants of a new one, and however bad the current one is. */
static void
test_may_be_current (void)
{
  static const struct
  {
    guint makers;
    PinText old;
    gboolean may_be;
  } rows[] = {
    { DIGITS_6_8, PIN ("123456"), TRUE },
    { DIGITS_6_8, PIN ("12345678"), TRUE },
    { DIGITS_6_8, PIN ("12345"), FALSE },
    { DIGITS_6_8, PIN ("123456789"), FALSE },
    { DIGITS_6_8, PIN ("abcdef"), TRUE },
    { DIGITS_6_8, PIN ("12345\0"), TRUE },
    { DIGITS_6_8, PIN (""), FALSE },
    { SILENT, { NULL, 0 }, FALSE },
    { SILENT, PIN ("1"), TRUE },
    { SILENT, PIN ("密码"), TRUE },
    { ANY_6_16, PIN ("token 24"), TRUE },
    { ANY_6_16, PIN ("token"), FALSE },
    { STRICTER, PIN ("1234"), TRUE },
    { STRICTER, PIN ("123"), FALSE },
    { CONTRADICTED, PIN ("123456"), TRUE },
    { ALL_CLASSES, PIN ("aaaaaa"), TRUE },
    { PERSON_DIGITS, PIN ("900307"), TRUE },
    { AT_MOST_8, PIN ("1"), TRUE },
    { AT_MOST_8, PIN ("123456789"), FALSE },
    { INITIAL, PIN ("802468"), TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PinRules) rules = make_rules (&makers[rows[i].makers]);

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (pin_rules_may_be_current (rules, &rows[i].old), ==, rows[i].may_be);
    }
}

static void
test_sentences (void)
{
  static const struct
  {
    int min, max;
    PinCharset charset;
    guint classes;
    const char *length, *characters;
  } rows[] = {
    { 6, 8, PIN_CHARSET_DIGITS, NONE, "6 to 8 digits", "digits only" },
    { 1, 2, PIN_CHARSET_DIGITS, DIGIT | SIGN, "1 to 2 digits", "digits only" },
    { 1, 1, PIN_CHARSET_DIGITS, NONE, "exactly 1 digit", "digits only" },
    { 2, 2, PIN_CHARSET_DIGITS, NONE, "exactly 2 digits", "digits only" },
    { 6, 6, PIN_CHARSET_DIGITS, NONE, "exactly 6 digits", "digits only" },
    { 1, -1, PIN_CHARSET_DIGITS, NONE, "at least 1 digit", "digits only" },
    { 2, -1, PIN_CHARSET_DIGITS, NONE, "at least 2 digits", "digits only" },
    { 6, -1, PIN_CHARSET_DIGITS, NONE, "at least 6 digits", "digits only" },
    { -1, 1, PIN_CHARSET_DIGITS, NONE, "at most 1 digit", "digits only" },
    { -1, 2, PIN_CHARSET_DIGITS, NONE, "at most 2 digits", "digits only" },
    { -1, 6, PIN_CHARSET_DIGITS, NONE, "at most 6 digits", "digits only" },
    { -1, -1, PIN_CHARSET_DIGITS, NONE, "not empty", "digits only" },
    { 6, 16, PIN_CHARSET_ANY, NONE, "6 to 16 characters", "letters, digits and signs of the English keyboard" },
    { 1, 1, PIN_CHARSET_UNKNOWN, LOWER, "exactly 1 character",
      "letters, digits and signs of the English keyboard; must contain: a small letter" },
    { 6, 6, PIN_CHARSET_ANY, DIGIT | LOWER | UPPER, "exactly 6 characters",
      "letters, digits and signs of the English keyboard; must contain: a digit, a small letter, a capital letter" },
    { 1, -1, PIN_CHARSET_ANY, SIGN, "at least 1 character",
      "letters, digits and signs of the English keyboard; must contain: a sign" },
    { 6, -1, PIN_CHARSET_ANY, NONE, "at least 6 characters", "letters, digits and signs of the English keyboard" },
    { -1, 1, PIN_CHARSET_ANY, NONE, "at most 1 character", "letters, digits and signs of the English keyboard" },
    { -1, 2, PIN_CHARSET_ANY, NONE, "at most 2 characters", "letters, digits and signs of the English keyboard" },
    { -1, -1, PIN_CHARSET_UNKNOWN, NONE, "not empty", "letters, digits and signs of the English keyboard" },
  };
  static const char *const others[PIN_N_RULES] = {
    [PIN_RULE_NOT_CURRENT] = "not the current PIN",
    [PIN_RULE_NOT_TRIVIAL] = "no simple sequence (12345)",
    [PIN_RULE_NOT_PERSONAL] = "not your birth date or ID number",
    [PIN_RULE_REPEATED] = "both entries the same",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PinRules) rules =
        make_rules (&(Makers){ rows[i].min, rows[i].max, rows[i].charset, TRUE, -1, -1, rows[i].classes });
      g_autofree char *length = pin_rules_describe (rules, PIN_RULE_LENGTH);
      g_autofree char *characters = pin_rules_describe (rules, PIN_RULE_CHARACTERS);

      g_assert_cmpstr (length, ==, rows[i].length);
      g_assert_cmpstr (characters, ==, rows[i].characters);
      for (PinRule rule = PIN_RULE_NOT_CURRENT; rule < PIN_N_RULES; rule++)
        {
          g_autofree char *sentence = pin_rules_describe (rules, rule);

          g_assert_cmpstr (sentence, ==, others[rule]);
        }
    }
}

/* Few different bytes, so that runs, repetitions and equal ones come about. */
static PinText
make_random (char *buffer, gsize size)
{
  static const char alphabet[] = "0123456789abcXYZ!~ \0\377";
  gsize n = (gsize) g_test_rand_int_range (2, sizeof (alphabet) + 1);
  PinText pin = { buffer, (gsize) g_test_rand_int_range (0, (gint32) size + 1) };

  for (gsize i = 0; i < size; i++)
    buffer[i] = alphabet[g_test_rand_int_range (0, (gint32) n)];
  return pin;
}

static void
test_random (void)
{
  char before[3][20], buffers[3][20];

  for (guint i = 0; i < 10000; i++)
    {
      g_autoptr (PinRules) rules = make_rules (&makers[i % G_N_ELEMENTS (makers)]);
      PinText new = make_random (buffers[0], sizeof (buffers[0]));
      PinText old = make_random (buffers[1], sizeof (buffers[1]));
      PinText repeat = make_random (buffers[2], sizeof (buffers[2]));
      guint with, without, list = pin_rules_list (rules, TRUE);

      memcpy (before, buffers, sizeof (before));
      with = pin_rules_check (rules, &old, &new, &repeat);
      without = pin_rules_check (rules, NULL, &new, &repeat);
      pin_rules_may_be_current (rules, &old);
      g_assert_cmpmem (before, sizeof (before), buffers, sizeof (buffers));
      g_assert_cmphex (with & ~list, ==, 0);
      g_assert_cmphex (without, ==, with & pin_rules_list (rules, FALSE));
      if (new.length == 0)
        g_assert_cmphex (with, ==, 0);
      g_assert_cmphex (pin_rules_check (rules, &new, &new, &new) & CURRENT, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("LANGUAGE", "C", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pin-rules/check", test_check);
  g_test_add_func ("/pin-rules/list", test_list);
  g_test_add_func ("/pin-rules/lengths", test_lengths);
  g_test_add_func ("/pin-rules/personal", test_personal);
  g_test_add_func ("/pin-rules/identities", test_identities);
  g_test_add_func ("/pin-rules/may-be-current", test_may_be_current);
  g_test_add_func ("/pin-rules/sentences", test_sentences);
  g_test_add_func ("/pin-rules/random", test_random);
  return g_test_run ();
}
