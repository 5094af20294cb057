#include "token/apdu.h"

#include <string.h>

#include "hex.h"
#include "model/text.h"

/* DATA and the result as hexadecimal; the header is always that of GET DATA. */
static const struct
{
  const char *name, *data;
  guint ne;
  ApduForm form;
  const char *encoded;
} forms[] = {
  { "case-1", "", APDU_NE_NONE, APDU_SHORT, "00CB3FFF" },
  { "case-1-t0", "", APDU_NE_NONE, APDU_SHORT_T0, "00CB3FFF00" },
  { "case-1-extended", "", APDU_NE_NONE, APDU_EXTENDED, "00CB3FFF" },
  { "case-2", "", 16, APDU_SHORT, "00CB3FFF10" },
  { "case-2-all", "", APDU_NE_MAX, APDU_SHORT, "00CB3FFF00" },
  { "case-2-256", "", 256, APDU_SHORT, "00CB3FFF00" },
  { "case-2-t0", "", 16, APDU_SHORT_T0, "00CB3FFF10" },
  { "case-2-extended", "", APDU_NE_MAX, APDU_EXTENDED, "00CB3FFF000000" },
  { "case-2-extended-300", "", 300, APDU_EXTENDED, "00CB3FFF00012C" },
  { "case-3", "AABB", APDU_NE_NONE, APDU_SHORT, "00CB3FFF02AABB" },
  { "case-3-t0", "AABB", APDU_NE_NONE, APDU_SHORT_T0, "00CB3FFF02AABB" },
  { "case-3-extended", "AABB", APDU_NE_NONE, APDU_EXTENDED, "00CB3FFF000002AABB" },
  { "case-4", "AABB", APDU_NE_MAX, APDU_SHORT, "00CB3FFF02AABB00" },
  { "case-4-t0", "AABB", APDU_NE_MAX, APDU_SHORT_T0, "00CB3FFF02AABB" },
  { "case-4-extended", "AABB", APDU_NE_MAX, APDU_EXTENDED, "00CB3FFF000002AABB0000" },
};

static void
test_form (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GByteArray) bytes = hex_to_bytes (forms[i].data);
  Apdu apdu = { 0x00, 0xCB, 0x3F, 0xFF, bytes->data, bytes->len, forms[i].ne };
  guint8 buffer[32];
  gsize n = apdu_encode (&apdu, forms[i].form, buffer, sizeof buffer);
  g_autofree char *encoded = text_from_bytes (buffer, n, '\0');

  g_assert_cmpstr (encoded, ==, forms[i].encoded);
}

static void
test_bounds (void)
{
  g_autofree guint8 *data = g_malloc0 (65536);
  g_autofree guint8 *buffer = g_malloc (APDU_MAX_SIZE);
  Apdu apdu = { .ins = 0xDB, .data = data, .length = 255, .ne = APDU_NE_MAX };

  g_assert_cmpuint (apdu_encode (&apdu, APDU_SHORT, buffer, 261), ==, 261);
  g_assert_cmpuint (apdu_encode (&apdu, APDU_SHORT, buffer, 260), ==, 0);
  g_assert_cmpuint (apdu_encode (&apdu, APDU_SHORT, buffer, 0), ==, 0);

  apdu.length = 256;
  g_assert_cmpuint (apdu_encode (&apdu, APDU_SHORT, buffer, APDU_MAX_SIZE), ==, 0);
  g_assert_cmpuint (apdu_encode (&apdu, APDU_EXTENDED, buffer, APDU_MAX_SIZE), ==, 4 + 3 + 256 + 2);

  apdu.length = 65535;
  g_assert_cmpuint (apdu_encode (&apdu, APDU_EXTENDED, buffer, APDU_MAX_SIZE), ==, APDU_MAX_SIZE);
  apdu.length = 65536;
  g_assert_cmpuint (apdu_encode (&apdu, APDU_EXTENDED, buffer, APDU_MAX_SIZE), ==, 0);
}

static const struct
{
  const char *command, *logged;
} logs[] = {
  { "", "" },
  { "00", "00" },
  { "0020", "0020" },
  { "00200080", "00200080" },
  { "0020008000", "00200080 [0 bytes]" },
  { "0020008008 3132333435363738", "00200080 [8 bytes]" },
  { "0020008008 3132", "00200080 [2 bytes]" },
  { "00200080 000008 3132333435363738", "00200080 [8 bytes]" },
  { "1024008010 31323334353637383132333435363738", "10240080 [16 bytes]" },
  { "802C008102 3132", "802C0081 [2 bytes]" },
  { "0C21008003 810100", "0C210080 [3 bytes]" },
  { "00CB3FFF055C035FC10500", "00CB3FFF055C035FC10500" },
};

static void
test_log (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      g_autoptr (GByteArray) command = hex_to_bytes (logs[i].command);
      g_autofree char *logged = apdu_to_log (command->data, command->len);

      g_assert_cmpstr (logged, ==, logs[i].logged);
    }
}

/* Whatever the class and the form: no digit of a PIN in a log. */
static void
test_log_keeps_secrets (void)
{
  static const guint8 pin[] = { 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8 };
  static const guint8 instructions[] = { 0x20, 0x21, 0x24, 0x25, 0x2C, 0x2D };

  for (guint cla = 0; cla <= 0xFF; cla++)
    for (gsize i = 0; i < G_N_ELEMENTS (instructions); i++)
      for (ApduForm form = APDU_SHORT; form <= APDU_EXTENDED; form++)
        {
          Apdu apdu = { (guint8) cla, instructions[i], 0x00, 0x80, pin, sizeof pin, APDU_NE_NONE };
          guint8 buffer[32];
          gsize n = apdu_encode (&apdu, form, buffer, sizeof buffer);
          g_autofree char *logged = apdu_to_log (buffer, n);

          /* The class may look like a byte of the PIN. */
          g_assert_null (strstr (logged + 2, "D1"));
          g_assert_nonnull (strstr (logged, "[8 bytes]"));
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *path = g_strconcat ("/apdu/form/", forms[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_form);
    }
  g_test_add_func ("/apdu/bounds", test_bounds);
  g_test_add_func ("/apdu/log", test_log);
  g_test_add_func ("/apdu/log-keeps-secrets", test_log_keeps_secrets);
  return g_test_run ();
}
