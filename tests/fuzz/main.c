/* fuzz-NAME [ROUNDS]       the seeds, then so many mutations of them, the same ones each time; as TAP
 * fuzz-NAME FILE…          these inputs
 * fuzz-NAME --seeds FOLDER writes the seeds there, for libFuzzer
 *
 * Where an input is not survived, it stands in the file fuzz-NAME.input in the current folder. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define ROUNDS      3000
#define MAX_CHANGES 8

/* For the handler, if it comes to that. */
static GByteArray *current;
static char *left_behind;

static void
on_abort (int number)
{
  const char *why = "not survived: see the .input file here\n";

  if (current)
    g_file_set_contents (left_behind, (const char *) current->data, current->len, NULL);
  if (write (STDERR_FILENO, why, strlen (why)) > 0)
    signal (number, SIG_DFL);
  raise (number);
}

static void
play (GByteArray *input)
{
  g_autofree guint8 *exact = NULL; /* the sanitizer watches its end */

  current = input;
  exact = g_memdup2 (input->data, input->len);
  LLVMFuzzerTestOneInput (exact, input->len);
  current = NULL;
}

/* ---- mutations ---- */

static const guint8 odd_bytes[] = { 0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFF, 0x30, 0x61, 0x6C, 0x90, 0x63 };

static void
set_byte (GByteArray *input, GRand *chance)
{
  gsize at = (gsize) g_rand_int_range (chance, 0, (gint32) input->len);

  if (g_rand_boolean (chance))
    input->data[at] ^= (guint8) (1 << g_rand_int_range (chance, 0, 8));
  else
    input->data[at] = odd_bytes[g_rand_int_range (chance, 0, G_N_ELEMENTS (odd_bytes))];
}

/* At most MOST; few more often than many. */
static guint
choose_length (GRand *chance, guint most)
{
  guint scale = 1U << g_rand_int_range (chance, 1, 10);

  return (guint) g_rand_int_range (chance, 1, (gint32) MIN (most, scale) + 1);
}

static void
cut_out (GByteArray *input, GRand *chance)
{
  guint at = (guint) g_rand_int_range (chance, 0, (gint32) input->len);

  g_byte_array_remove_range (input, at, choose_length (chance, input->len - at));
}

static void
cut_off (GByteArray *input, GRand *chance)
{
  g_byte_array_set_size (input, (guint) g_rand_int_range (chance, 1, (gint32) input->len + 1));
}

/* A piece of it once more, over what stands somewhere else. */
static void
repeat (GByteArray *input, GRand *chance)
{
  guint from = (guint) g_rand_int_range (chance, 0, (gint32) input->len);
  guint to = (guint) g_rand_int_range (chance, 0, (gint32) input->len);

  memmove (input->data + to, input->data + from, choose_length (chance, input->len - MAX (from, to)));
}

static void
insert (GByteArray *input, GRand *chance)
{
  guint at = (guint) g_rand_int_range (chance, 0, (gint32) input->len);
  guint length = choose_length (chance, 512);

  g_byte_array_set_size (input, input->len + length);
  memmove (input->data + at + length, input->data + at, input->len - length - at);
  memset (input->data + at, odd_bytes[g_rand_int_range (chance, 0, G_N_ELEMENTS (odd_bytes))], length);
}

static void (*const changes[]) (GByteArray *input, GRand *chance) = { set_byte, set_byte, set_byte, cut_out,
                                                                      cut_off,  repeat,   insert };

static GByteArray *
mutate (const GPtrArray *seeds, GRand *chance)
{
  GBytes *seed = seeds->pdata[g_rand_int_range (chance, 0, (gint32) seeds->len)];
  GByteArray *input = g_byte_array_new ();
  int n = g_rand_int_range (chance, 1, MAX_CHANGES + 1);

  g_byte_array_append (input, g_bytes_get_data (seed, NULL), (guint) g_bytes_get_size (seed));
  for (int i = 0; i < n && input->len > 0; i++)
    changes[g_rand_int_range (chance, 0, G_N_ELEMENTS (changes))](input, chance);
  return input;
}

/* ---- what is played ---- */

static void
play_seeds (const GPtrArray *seeds)
{
  for (guint i = 0; i < seeds->len; i++)
    {
      g_autoptr (GByteArray) input = g_byte_array_new ();

      g_byte_array_append (input, g_bytes_get_data (seeds->pdata[i], NULL), (guint) g_bytes_get_size (seeds->pdata[i]));
      play (input);
    }
  g_print ("ok 1 %u seeds\n", seeds->len);
}

static void
play_mutations (const GPtrArray *seeds, guint rounds)
{
  g_autoptr (GRand) chance = g_rand_new_with_seed (4711);

  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (GByteArray) input = mutate (seeds, chance);

      play (input);
    }
  g_print ("ok 2 %u mutations\n", rounds);
}

static void
play_files (char **paths)
{
  for (; *paths; paths++)
    {
      g_autofree char *contents = NULL;
      g_autoptr (GByteArray) input = g_byte_array_new ();
      gsize length;

      if (!g_file_get_contents (*paths, &contents, &length, NULL))
        g_error ("%s cannot be read", *paths);
      g_byte_array_append (input, (const guint8 *) contents, (guint) length);
      play (input);
    }
}

static void
write_seeds (const GPtrArray *seeds, const char *folder)
{
  for (guint i = 0; i < seeds->len; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/seed-%u", folder, i);
      gsize length;
      const char *bytes = g_bytes_get_data (seeds->pdata[i], &length);

      if (!g_file_set_contents (path, bytes, (gssize) length, NULL))
        g_error ("%s cannot be written", path);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) seeds = fuzz_list_seeds ();
  g_autofree char *name = g_path_get_basename (argv[0]);
  guint rounds = argc == 2 ? (guint) strtoul (argv[1], NULL, 10) : ROUNDS;

  left_behind = g_strconcat (name, ".input", NULL);
  signal (SIGABRT, on_abort);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_FATAL_MASK);
  if (argc == 3 && strcmp (argv[1], "--seeds") == 0)
    write_seeds (seeds, argv[2]);
  else if (argc > 1 && rounds == 0)
    play_files (argv + 1);
  else
    {
      g_print ("1..2\n");
      play_seeds (seeds);
      play_mutations (seeds, rounds);
    }
  return EXIT_SUCCESS;
}
