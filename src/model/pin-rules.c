#include "pin-rules.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define NUMBER_MIN_DIGITS 6 /* of a personal number: shorter ones are counters and house numbers */
#define PART_MIN_LENGTH   4 /* of a PIN that is taken for a part of one: any shorter occurs by chance */
#define ID_LENGTH         18

/* The best known PINs that are neither a run nor a repetition; small letters stand for both. */
static const char *const best_known[] = {
  "112233",   "11223344",  "123321",    "123456a",    "1234qwer",  "123654",   "123abc",    "123qwe",   "1314520",
  "147258",   "147258369", "147852",    "159357",     "159753",    "1qaz2wsx", "1q2w3e",    "258369",   "520131",
  "5201314",  "741852",    "741852963", "789456",     "789456123", "963852",   "963852741", "a123456",  "abc123",
  "abcd1234", "admin123",  "asdfgh",    "asdfghjkl",  "passw0rd",  "password", "password1", "q1w2e3r4", "qazwsx",
  "qwe123",   "qwer1234",  "qwerty",    "qwertyuiop", "zxcvbn",    "zxcvbnm",
};

typedef struct
{
  int min, max;
} Limits;

/* What says nothing is unknown; and so are both where no PIN could be within them. */
static Limits
make_limits (int min, int max)
{
  if (min < 1)
    min = PIN_UNKNOWN;
  if (max < 1)
    max = PIN_UNKNOWN;
  if (max != PIN_UNKNOWN && min > max)
    min = max = PIN_UNKNOWN;
  return (Limits){ min, max };
}

/* The stricter ones; OWN where they contradict each other. */
static Limits
join_limits (Limits own, Limits other)
{
  int min = MAX (own.min, other.min);
  int max = MIN ((guint) own.max, (guint) other.max); /* unknown is the greatest */

  return max != PIN_UNKNOWN && min > max ? own : (Limits){ min, max };
}

static gboolean
is_within (Limits limits, gsize length)
{
  return length > 0 && (limits.min == PIN_UNKNOWN || length >= (gsize) limits.min)
         && (limits.max == PIN_UNKNOWN || length <= (gsize) limits.max);
}

static void
take_number (GPtrArray *numbers, char *number)
{
  if (g_ptr_array_find_with_equal_func (numbers, number, g_str_equal, NULL))
    g_free (number);
  else
    g_ptr_array_add (numbers, number);
}

static guint
read_digits (const char *digits, gsize n)
{
  guint value = 0;

  for (gsize i = 0; i < n; i++)
    value = value * 10 + (guint) g_ascii_digit_value (digits[i]);
  return value;
}

/* The birth date in an identity number (GB 11643: year, month and day are the digits 7 to 14), as people write it. A
 * number of 18 digits that has no date there is another number. */
static void
collect_dates (GPtrArray *numbers, const char *id)
{
  const char *year = id + 6, *month = id + 10, *day = id + 12;
  guint y = read_digits (year, 4), m = read_digits (month, 2), d = read_digits (day, 2);

  if (y < 1800 || y > 2199 || m > 12 || !g_date_valid_dmy ((GDateDay) d, (GDateMonth) m, (GDateYear) y))
    return;
  for (int cut = 0; cut <= 2; cut += 2)
    {
      take_number (numbers, g_strdup_printf ("%.*s%.2s%.2s", 4 - cut, year + cut, month, day));
      take_number (numbers, g_strdup_printf ("%.2s%.2s%.*s", day, month, 4 - cut, year + cut));
      take_number (numbers, g_strdup_printf ("%.2s%.2s%.*s", month, day, 4 - cut, year + cut));
    }
}

/* The last place of an identity number is a digit or X. */
static void
collect_numbers (GPtrArray *numbers, const char *text)
{
  while (*text)
    {
      gsize n = strspn (text, "0123456789");

      if (n == ID_LENGTH - 1 && g_ascii_toupper (text[n]) == 'X' && !g_ascii_isalnum (text[n + 1]))
        n++;
      if (n >= NUMBER_MIN_DIGITS)
        take_number (numbers, g_strndup (text, n));
      if (n == ID_LENGTH)
        collect_dates (numbers, text);
      text += MAX (n, 1);
    }
}

/* An entity number of a person ends with the number of the card, behind digits of another meaning. */
static void
collect_identity (GPtrArray *numbers, const Identity *identity)
{
  gsize length = strlen (identity->value);

  collect_numbers (numbers, identity->value);
  if (length > ID_LENGTH && identity_is_personal (identity))
    collect_numbers (numbers, identity->value + length - ID_LENGTH);
}

static GStrv
list_personal (const Certificate *certificate)
{
  GPtrArray *numbers = g_ptr_array_new ();

  if (certificate && certificate->subject)
    collect_numbers (numbers, certificate->subject);
  for (guint i = 0; certificate && certificate->alternative_names && certificate->alternative_names[i]; i++)
    collect_numbers (numbers, certificate->alternative_names[i]);
  for (guint i = 0; certificate && i < certificate->identities->len; i++)
    collect_identity (numbers, certificate->identities->pdata[i]);
  g_ptr_array_add (numbers, NULL);
  return (GStrv) g_ptr_array_free (numbers, FALSE);
}

PinRules *
pin_rules_new (const Pin *pin, const Issuer *issuer, const Certificate *certificate)
{
  PinRules *rules = g_new0 (PinRules, 1);
  Limits own = make_limits (pin->min_length, pin->max_length);
  Limits limits = own;

  g_ref_count_init (&rules->refs);
  if (issuer)
    limits = join_limits (own, make_limits (issuer->pin_min_length, issuer->pin_max_length));
  rules->min_length = limits.min;
  rules->max_length = limits.max;
  rules->old_min_length = own.min;
  rules->old_max_length = own.max;
  rules->charset = pin->charset;
  rules->classes = issuer ? issuer->pin_classes : 0;
  if (rules->charset == PIN_CHARSET_DIGITS)
    rules->classes &= ISSUER_PIN_DIGIT; /* here too the token has the last word */
  rules->initial = issuer ? g_strdupv (issuer->initial_pins) : g_new0 (char *, 1);
  rules->personal = list_personal (certificate);
  return rules;
}

PinRules *
pin_rules_ref (PinRules *rules)
{
  g_ref_count_inc (&rules->refs);
  return rules;
}

void
pin_rules_unref (PinRules *rules)
{
  if (!g_ref_count_dec (&rules->refs))
    return;
  g_strfreev (rules->initial);
  g_strfreev (rules->personal);
  g_free (rules);
}

static gboolean
is_same (const PinText *a, const PinText *b)
{
  return a->length == b->length && memcmp (a->bytes, b->bytes, a->length) == 0;
}

/* Whatever the case of ASCII letters; a NUL is a character like any other. */
static gboolean
is_alike (const char *a, const char *b, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (g_ascii_tolower (a[i]) != g_ascii_tolower (b[i]))
      return FALSE;
  return TRUE;
}

static gboolean
occurs (const char *part, gsize n, const char *text, gsize length)
{
  for (gsize i = 0; i + n <= length; i++)
    if (is_alike (part, text + i, n))
      return TRUE;
  return FALSE;
}

static gboolean
is_word (const PinText *pin, const char *word)
{
  return pin->length == strlen (word) && is_alike (pin->bytes, word, pin->length);
}

static gboolean
has_digits_only (const PinText *pin)
{
  for (gsize i = 0; i < pin->length; i++)
    if (!g_ascii_isdigit (pin->bytes[i]))
      return FALSE;
  return TRUE;
}

/* No space: at the ends nobody sees it. */
static gboolean
has_characters (const PinRules *rules, const PinText *pin)
{
  guint classes = 0;

  if (rules->charset == PIN_CHARSET_DIGITS)
    return has_digits_only (pin);
  for (gsize i = 0; i < pin->length; i++)
    {
      char c = pin->bytes[i];

      if (!g_ascii_isgraph (c))
        return FALSE;
      classes |= g_ascii_isdigit (c)   ? ISSUER_PIN_DIGIT
                 : g_ascii_islower (c) ? ISSUER_PIN_LOWER
                 : g_ascii_isupper (c) ? ISSUER_PIN_UPPER
                                       : ISSUER_PIN_SIGN;
    }
  return (rules->classes & ~classes) == 0;
}

/* Whether B comes right after A: 0 follows 9, nothing follows z. */
static gboolean
follows (char a, char b)
{
  if (g_ascii_isdigit (a) && g_ascii_isdigit (b))
    return (a - '0' + 1) % 10 == b - '0';
  return g_ascii_isalpha (a) && g_ascii_isalpha (b) && g_ascii_tolower (a) + 1 == g_ascii_tolower (b);
}

static gboolean
is_run (const PinText *pin)
{
  gboolean up = TRUE, down = TRUE;

  for (gsize i = 1; i < pin->length; i++)
    {
      up = up && follows (pin->bytes[i - 1], pin->bytes[i]);
      down = down && follows (pin->bytes[i], pin->bytes[i - 1]);
    }
  return up || down;
}

/* Whether PIN is its own beginning again and again; the last time may be cut short (1231231). */
static gboolean
is_repetition (const PinText *pin)
{
  for (gsize period = 1; period <= pin->length / 2; period++)
    if (is_alike (pin->bytes, pin->bytes + period, pin->length - period))
      return TRUE;
  return FALSE;
}

static gboolean
is_trivial (const PinRules *rules, const PinText *pin)
{
  if (is_run (pin) || is_repetition (pin))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (best_known); i++)
    if (is_word (pin, best_known[i]))
      return TRUE;
  for (guint i = 0; rules->initial[i]; i++)
    if (is_word (pin, rules->initial[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_personal (const PinRules *rules, const PinText *pin)
{
  for (guint i = 0; rules->personal[i]; i++)
    {
      const char *number = rules->personal[i];
      gsize length = strlen (number);

      if ((pin->length >= PART_MIN_LENGTH && occurs (pin->bytes, pin->length, number, length))
          || occurs (number, length, pin->bytes, pin->length))
        return TRUE;
    }
  return FALSE;
}

guint
pin_rules_list (const PinRules *rules, gboolean with_old)
{
  guint list = (1 << PIN_N_RULES) - 1;

  if (!with_old)
    list &= ~(1U << PIN_RULE_NOT_CURRENT);
  if (!rules->personal[0])
    list &= ~(1U << PIN_RULE_NOT_PERSONAL);
  return list;
}

guint
pin_rules_check (const PinRules *rules, const PinText *old, const PinText *new, const PinText *repeat)
{
  guint met = 0;

  if (new->length == 0)
    return 0;
  if (is_within ((Limits){ rules->min_length, rules->max_length }, new->length))
    met |= 1 << PIN_RULE_LENGTH;
  if (has_characters (rules, new))
    met |= 1 << PIN_RULE_CHARACTERS;
  if (old && old->length > 0 && !is_same (old, new))
    met |= 1 << PIN_RULE_NOT_CURRENT;
  if (!is_trivial (rules, new))
    met |= 1 << PIN_RULE_NOT_TRIVIAL;
  if (!is_personal (rules, new))
    met |= 1 << PIN_RULE_NOT_PERSONAL;
  if (is_same (new, repeat))
    met |= 1 << PIN_RULE_REPEATED;
  return met & pin_rules_list (rules, old != NULL);
}

gboolean
pin_rules_may_be_current (const PinRules *rules, const PinText *old)
{
  return is_within ((Limits){ rules->old_min_length, rules->old_max_length }, old->length);
}

static char *
describe_digits (int min, int max)
{
  if (min == max)
    return g_strdup_printf (ngettext ("exactly %d digit", "exactly %d digits", max), max);
  if (max == PIN_UNKNOWN)
    return g_strdup_printf (ngettext ("at least %d digit", "at least %d digits", min), min);
  if (min == PIN_UNKNOWN)
    return g_strdup_printf (ngettext ("at most %d digit", "at most %d digits", max), max);
  return g_strdup_printf (ngettext ("%d to %d digit", "%d to %d digits", max), min, max);
}

static char *
describe_characters (int min, int max)
{
  if (min == max)
    return g_strdup_printf (ngettext ("exactly %d character", "exactly %d characters", max), max);
  if (max == PIN_UNKNOWN)
    return g_strdup_printf (ngettext ("at least %d character", "at least %d characters", min), min);
  if (min == PIN_UNKNOWN)
    return g_strdup_printf (ngettext ("at most %d character", "at most %d characters", max), max);
  return g_strdup_printf (ngettext ("%d to %d character", "%d to %d characters", max), min, max);
}

static char *
describe_length (const PinRules *rules)
{
  if (rules->min_length == PIN_UNKNOWN && rules->max_length == PIN_UNKNOWN)
    return g_strdup (_ ("not empty"));
  if (rules->charset == PIN_CHARSET_DIGITS)
    return describe_digits (rules->min_length, rules->max_length);
  return describe_characters (rules->min_length, rules->max_length);
}

static char *
describe_charset (const PinRules *rules)
{
  static const struct
  {
    IssuerPinClass class;
    const char *words;
  } classes[] = {
    { ISSUER_PIN_DIGIT, N_ ("a digit") },
    { ISSUER_PIN_LOWER, N_ ("a small letter") },
    { ISSUER_PIN_UPPER, N_ ("a capital letter") },
    { ISSUER_PIN_SIGN, N_ ("a sign") },
  };
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();
  g_autofree char *list = NULL;

  if (rules->charset == PIN_CHARSET_DIGITS)
    return g_strdup (_ ("digits only"));
  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    if (rules->classes & classes[i].class)
      g_ptr_array_add (wanted, (gpointer) _ (classes[i].words));
  if (wanted->len == 0)
    return g_strdup (_ ("letters, digits and signs of the English keyboard"));
  g_ptr_array_add (wanted, NULL);
  /* Translators: between the items of a list */
  list = g_strjoinv (_ (", "), (GStrv) wanted->pdata);
  /* Translators: %s is “a digit, a small letter” */
  return g_strdup_printf (_ ("letters, digits and signs of the English keyboard; must contain: %s"), list);
}

char *
pin_rules_describe (const PinRules *rules, PinRule rule)
{
  switch (rule)
    {
    case PIN_RULE_LENGTH:
      return describe_length (rules);
    case PIN_RULE_CHARACTERS:
      return describe_charset (rules);
    case PIN_RULE_NOT_CURRENT:
      return g_strdup (_ ("not the current PIN"));
    case PIN_RULE_NOT_TRIVIAL:
      return g_strdup (_ ("no simple sequence (12345)"));
    case PIN_RULE_NOT_PERSONAL:
      return g_strdup (_ ("not your birth date or ID number"));
    case PIN_RULE_REPEATED:
      return g_strdup (_ ("both entries the same"));
    case PIN_N_RULES:
      break;
    }
  g_return_val_if_reached (NULL);
}
