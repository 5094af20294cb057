#include "identity.h"

#include <string.h>

#include "text.h"

#define DAMAGED "\357\277\275" /* U+FFFD */
#define HIDDEN  "·"
#define SHOWN   4

/* ---- check digits ---- */

/* The rest that 31 or 11 leaves of the sum of places times weights; G_MAXUINT when a place is not in ALPHABET. */
static guint
sum_up (const char *text, const guint8 *weights, gsize n, const char *alphabet, guint modulus)
{
  guint sum = 0;

  for (gsize i = 0; i < n; i++)
    {
      const char *place = text[i] != '\0' ? strchr (alphabet, g_ascii_toupper (text[i])) : NULL;

      if (!place)
        return G_MAXUINT;
      sum += (guint) (place - alphabet) * weights[i];
    }
  return sum % modulus;
}

/* GB 32100-2015: the weights are the powers of 3 modulo 31; the letters I, O, S, V and Z do not occur. */
gboolean
identity_fits_credit_code (const char *text)
{
  static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  static const guint8 weights[] = { 1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28 };
  guint rest;

  if (strlen (text) != G_N_ELEMENTS (weights) + 1)
    return FALSE;
  rest = sum_up (text, weights, G_N_ELEMENTS (weights), alphabet, 31);
  return rest != G_MAXUINT && g_ascii_toupper (text[G_N_ELEMENTS (weights)]) == alphabet[(31 - rest) % 31];
}

/* GB 11714-1997. */
gboolean
identity_fits_organization_code (const char *text)
{
  static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  static const guint8 weights[] = { 3, 7, 9, 10, 5, 8, 4, 2 };
  const gsize n = G_N_ELEMENTS (weights);
  gsize length = strlen (text);
  guint rest;

  if (length != n + 1 && !(length == n + 2 && text[n] == '-'))
    return FALSE;
  rest = sum_up (text, weights, n, alphabet, 11);
  return rest != G_MAXUINT && g_ascii_toupper (text[length - 1]) == "0X987654321"[rest];
}

/* GB 11643-1999, which is ISO 7064 MOD 11-2. */
gboolean
identity_fits_id_card (const char *text)
{
  static const guint8 weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
  guint rest;

  if (strlen (text) != G_N_ELEMENTS (weights) + 1)
    return FALSE;
  rest = sum_up (text, weights, G_N_ELEMENTS (weights), "0123456789", 11);
  return rest != G_MAXUINT && g_ascii_toupper (text[G_N_ELEMENTS (weights)]) == "10X98765432"[rest];
}

static IdentityCheck
judge_fit (gboolean fits)
{
  return fits ? IDENTITY_CHECK_OK : IDENTITY_CHECK_MISMATCH;
}

/* Numbers of another length than that of the standard are older ones, whose check digit nobody documents, or another
 * document of the same purpose. */
static IdentityCheck
check_value (IdentityKind kind, const char *value)
{
  gsize length = strlen (value);

  switch (kind)
    {
    case IDENTITY_TAXPAYER_ID: /* a firm's is its credit code, a person's the number of his card */
      return length == 18 ? judge_fit (identity_fits_credit_code (value) || identity_fits_id_card (value))
                          : IDENTITY_CHECK_NONE;
    case IDENTITY_USCC:
    case IDENTITY_BUSINESS_REGISTRATION: /* since 2015 it is the credit code */
      return length == 18 ? judge_fit (identity_fits_credit_code (value)) : IDENTITY_CHECK_NONE;
    case IDENTITY_ORGANIZATION_CODE:
      return length == 9 || (length == 10 && value[8] == '-') ? judge_fit (identity_fits_organization_code (value))
                                                              : IDENTITY_CHECK_NONE;
    case IDENTITY_ID_CARD:
      return length == 18 ? judge_fit (identity_fits_id_card (value)) : IDENTITY_CHECK_NONE;
    case IDENTITY_SOCIAL_INSURANCE:
    case IDENTITY_ENTITY_ID:
    case IDENTITY_N_KINDS:
      break;
    }
  return IDENTITY_CHECK_NONE;
}

/* ---- one of them ---- */

/* RAW, clean; NULL when there is nothing of it, too much, or a piece was lost. */
static char *
make_text (const char *raw)
{
  g_autofree char *clean = text_clean (raw, -1);

  return clean && *clean && g_utf8_strlen (clean, -1) <= IDENTITY_MAX_CHARS && !strstr (clean, DAMAGED)
           ? g_steal_pointer (&clean)
           : NULL;
}

Identity *
identity_new (IdentityKind kind, const char *value, const char *label)
{
  char *clean = make_text (value);
  Identity *identity;

  if (!clean)
    return NULL;
  identity = g_new0 (Identity, 1);
  identity->kind = kind;
  identity->value = clean;
  identity->label = make_text (label);
  identity->check = check_value (kind, clean);
  return identity;
}

void
identity_free (Identity *identity)
{
  g_free (identity->value);
  g_free (identity->label);
  g_free (identity);
}

/* Whether the 18 places at TEXT can be the number of somebody's card: also month and day of birth are possible. */
static gboolean
is_somebody (const char *text)
{
  g_autofree char *number = g_strndup (text, 18);
  int month, day;

  if (!identity_fits_id_card (number))
    return FALSE;
  month = g_ascii_digit_value (number[10]) * 10 + g_ascii_digit_value (number[11]);
  day = g_ascii_digit_value (number[12]) * 10 + g_ascii_digit_value (number[13]);
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

gboolean
identity_is_personal (const Identity *identity)
{
  if (identity->kind == IDENTITY_ID_CARD || identity->kind == IDENTITY_SOCIAL_INSURANCE)
    return TRUE;
  /* SF is how BJCA announces the number of a card, also an old one of 15 places. */
  if (identity->kind == IDENTITY_ENTITY_ID && strstr (identity->value, "SF"))
    return TRUE;
  if (identity_fits_credit_code (identity->value))
    return FALSE;
  for (const char *p = identity->value; strlen (p) >= 18; p++)
    if (is_somebody (p))
      return TRUE;
  return FALSE;
}

char *
identity_mask (const Identity *identity)
{
  glong length = g_utf8_strlen (identity->value, -1);
  GString *masked;

  if (!identity_is_personal (identity))
    return g_strdup (identity->value);
  masked = g_string_new (NULL);
  for (glong i = 0; i < (length > SHOWN ? length - SHOWN : length); i++)
    g_string_append (masked, HIDDEN);
  if (length > SHOWN)
    g_string_append (masked, g_utf8_offset_to_pointer (identity->value, length - SHOWN));
  return g_string_free (masked, FALSE);
}

/* ---- words ---- */

static const char *const kinds[IDENTITY_N_KINDS] = {
  "uscc", "taxpayer-id", "organization-code", "business-registration", "id-card", "social-insurance", "entity-id",
};

const char *
identity_kind_to_string (IdentityKind kind)
{
  return kinds[kind];
}

gboolean
identity_kind_from_string (const char *word, IdentityKind *kind)
{
  for (guint i = 0; i < IDENTITY_N_KINDS; i++)
    if (strcmp (word, kinds[i]) == 0)
      {
        *kind = i;
        return TRUE;
      }
  return FALSE;
}

const char *
identity_check_to_string (IdentityCheck check)
{
  static const char *const words[IDENTITY_N_CHECKS] = { "none", "ok", "mismatch" };

  return words[check];
}

/* ---- lists ---- */

GPtrArray *
identity_list_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) identity_free);
}

GVariant *
identity_list_to_variant (const GPtrArray *list)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sss)"));
  for (guint i = 0; i < list->len; i++)
    {
      const Identity *identity = list->pdata[i];

      g_variant_builder_add (&builder, "(sss)", identity_kind_to_string (identity->kind), identity->value,
                             identity->label ? identity->label : "");
    }
  return g_variant_builder_end (&builder);
}

void
identity_list_append_variant (GPtrArray *list, GVariant *variant)
{
  gsize n = MIN (g_variant_n_children (variant), IDENTITY_MAX_LIST);

  for (gsize i = 0; i < n; i++)
    {
      const char *word, *value, *label;
      g_autoptr (GVariant) child = g_variant_get_child_value (variant, i);
      IdentityKind kind;
      Identity *identity;

      g_variant_get (child, "(&s&s&s)", &word, &value, &label);
      identity = identity_kind_from_string (word, &kind) ? identity_new (kind, value, label) : NULL;
      if (identity)
        g_ptr_array_add (list, identity);
    }
}

static const Identity *
find_kind (const GPtrArray *list, IdentityKind kind)
{
  for (guint i = 0; i < list->len; i++)
    if (((const Identity *) list->pdata[i])->kind == kind)
      return list->pdata[i];
  return NULL;
}

const Identity *
identity_find_taxpayer_number (const GPtrArray *list)
{
  const Identity *number = find_kind (list, IDENTITY_TAXPAYER_ID);

  return number ? number : find_kind (list, IDENTITY_USCC);
}
