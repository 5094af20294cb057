/* What people type for a time of the day. */
#include "desktop/time-spin.h"

static const struct
{
  const char *text;
  int minutes;
} rows[] = {
  { "22:00", 1320 },     { "0:00", 0 },           { "23:59", 1439 }, { "7:5", 425 },
  { "22", 1320 },        { " 8:30 ", 510 },       { "8.30", 510 },   { "22：00", 1320 },
  { "０８：０５", 485 }, { "24:00", -1 },         { "23:60", -1 },   { "", -1 },
  { ":", -1 },           { ":30", -1 },           { "8:", -1 },      { "8:30:00", -1 },
  { "-1:00", -1 },       { "2200", -1 },          { "022:00", -1 },  { "8:300", -1 },
  { "noon", -1 },        { "99999999999:0", -1 },
};

static void
test_parse (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("“%s”", rows[i].text);
      g_assert_cmpint (time_spin_parse (rows[i].text), ==, rows[i].minutes);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/time-spin/parse", test_parse);
  return g_test_run ();
}
