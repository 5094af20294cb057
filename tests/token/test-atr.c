#include "token/atr.h"

#include "hex.h"
#include "model/text.h"

static const struct
{
  const char *name, *atr, *historical;
  gboolean extended;
} atrs[] = {
  { "yubikey-5", "3BFD1300008131FE158073C021C057597562694B657940", "8073C021C057597562694B6579", TRUE },
  { "yubikey-neo", "3BFC1300008131FE15597562696B65794E454F7233E1", "597562696B65794E454F7233", FALSE },
  { "no-historical-bytes", "3B9001", NULL, FALSE },
  { "t0-only", "3B021450", "1450", FALSE },
  { "short-capabilities", "3B8401 8073C021 00", "8073C021", FALSE },
  { "capabilities-of-two-bytes", "3B8401 8072C040 00", "8072C040", FALSE },
  { "no-extended-bit", "3B8501 8073C02180 00", "8073C02180", FALSE },
  { "status-bytes-at-the-end", "3B8801 0073C021C0000000 00", "0073C021C0000000", TRUE },
  { "category-00-capabilities-in-status", "3B8501 0073C021C0 00", "0073C021C0", FALSE },
  { "overlong-compact-tlv", "3B8501 807FC021C0 00", "807FC021C0", FALSE },
  { "other-category", "3B8501 1073C021C0 00", "1073C021C0", FALSE },
  { "empty", "", NULL, FALSE },
  { "one-byte", "3B", NULL, FALSE },
  { "cut-historical", "3B8F01 8073", NULL, FALSE },
  { "cut-interface", "3BFF", NULL, FALSE },
  { "zeroes", "0000", NULL, FALSE },
  { "endless-interface", "3B8080808080808080808080808080808080808080808080808080808080808080", NULL, FALSE },
};

static void
test_atr (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GByteArray) atr = hex_to_bytes (atrs[i].atr);
  gsize length;
  const guint8 *bytes = atr_get_historical_bytes (atr->data, atr->len, &length);
  g_autofree char *hex = bytes != NULL ? text_from_bytes (bytes, length, '\0') : NULL;

  g_assert_cmpstr (hex, ==, atrs[i].historical);
  g_assert_cmpint (atr_takes_extended (atr->data, atr->len), ==, atrs[i].extended);
}

/* Every cut and every single changed byte of a real one: the sanitizers judge. */
static void
test_damaged (void)
{
  g_autoptr (GByteArray) atr = hex_to_bytes (atrs[0].atr);

  for (guint n = 0; n <= atr->len; n++)
    {
      g_autofree guint8 *cut = g_memdup2 (atr->data, n);

      atr_takes_extended (cut, n);
    }
  for (guint i = 0; i < atr->len; i++)
    for (guint value = 0; value <= 0xFF; value++)
      {
        g_autofree guint8 *changed = g_memdup2 (atr->data, atr->len);

        changed[i] = (guint8) value;
        atr_takes_extended (changed, atr->len);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (atrs); i++)
    {
      g_autofree char *path = g_strconcat ("/atr/", atrs[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_atr);
    }
  g_test_add_func ("/atr/damaged", test_damaged);
  return g_test_run ();
}
