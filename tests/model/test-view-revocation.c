/* What is shown of the answers of issuers. */

#include "model/view.h"

#include <locale.h>
#include <string.h>

#include "sample.h"

#define READER "Test Reader 00 00"

/* What is shown of a certificate that names HOSTS (NULL: it does not tell; "": a worker says so and names none). */
typedef struct
{
  const char *hosts;
  gboolean asked;
  Revocation answer; /* without its fingerprint */
  const char *told, *status;
  gboolean revoked, askable;
} Case;

#define HOST  "ocsp.example.com"
#define VALID "Valid · 200 days left"
#define UNKNOWN(w)                                                                                                     \
  {                                                                                                                    \
    .state = REVOCATION_UNKNOWN, .failure = REVOCATION_##w, .reason = -1, .as_of = NEVER, .revoked_at = NEVER          \
  }
#define GONE(r, d, h)                                                                                                  \
  {                                                                                                                    \
    .state = REVOCATION_REVOKED, .reason = (r), .as_of = SAMPLE_NOW, .revoked_at = (d), .host = (char *) (h)           \
  }
#define GOOD(when, by)                                                                                                 \
  {                                                                                                                    \
    .state = REVOCATION_GOOD, .reason = -1, .as_of = (when), .revoked_at = NEVER, .host = (char *) (by)                \
  }
#define NEVER   CERTIFICATE_TIME_UNKNOWN
#define DAY     (SAMPLE_NOW - DAYS (10))
#define NO_HOST "The certificate does not say whom to ask."

static const Case cases[] = {
  { NULL, FALSE, { 0 }, NO_HOST, VALID, FALSE, FALSE },
  { "", FALSE, { 0 }, NO_HOST, VALID, FALSE, FALSE },
  { HOST, FALSE, { 0 }, "Not asked. ocsp.example.com can tell.", VALID, FALSE, TRUE },
  { HOST ",crl.example.com", FALSE, { 0 }, "Not asked. ocsp.example.com can tell.", VALID, FALSE, TRUE },
  { HOST, TRUE, { .state = REVOCATION_ASKING }, "Asking ocsp.example.com…", VALID, FALSE, FALSE },
  { HOST, TRUE, GOOD (NEVER, NULL), "Not revoked", VALID, FALSE, TRUE },
  { HOST, TRUE, GOOD (SAMPLE_NOW, "crl.example.com"), "Not revoked, as of 2027-01-15 08:00:00 UTC (crl.example.com)",
    VALID, FALSE, TRUE },
  { HOST, TRUE, GONE (-1, NEVER, NULL), "Revoked", "Revoked", TRUE, TRUE },
  { HOST, TRUE, GONE (-1, DAY, HOST), "Revoked on 2027-01-05 (ocsp.example.com)", "Revoked on 2027-01-05", TRUE, TRUE },
  { HOST, TRUE, GONE (0, DAY, NULL), "Revoked on 2027-01-05", "Revoked on 2027-01-05", TRUE, TRUE },
  { HOST, TRUE, GONE (1, DAY, HOST), "Revoked on 2027-01-05: its key may be in other hands (ocsp.example.com)",
    "Revoked on 2027-01-05", TRUE, TRUE },
  { HOST, TRUE, GONE (6, NEVER, NULL), "Revoked: it is suspended", "Revoked", TRUE, TRUE },
  { HOST, TRUE, UNKNOWN (NO_ISSUER),
    "Not known. The certificate of its issuer is not known, so no answer could be checked.", VALID, FALSE, TRUE },
  { HOST, TRUE, UNKNOWN (UNREACHABLE),
    "Not known. The service of the issuer cannot be reached. Look whether there is a network.", VALID, FALSE, TRUE },
  { HOST, TRUE, UNKNOWN (SILENT), "Not known. No answer came in time.", VALID, FALSE, TRUE },
  { HOST, TRUE, UNKNOWN (FORGED), "Not known. The answer is not signed by the issuer.", VALID, FALSE, TRUE },
  { HOST, TRUE, UNKNOWN (BROKEN), "Not known. A part of the assistant has failed.", VALID, FALSE, TRUE },
};

/* A world with one certificate, of which ANSWER (NULL: nothing) has been told. (transfer full) */
static View *
look (const char *hosts, const Revocation *answer)
{
  Token *token = sample_token ("12345678", 200);
  Certificate *certificate = token_get_primary (token);
  g_autoptr (Revocation) told = revocation_new (certificate->sha256, answer ? answer->state : REVOCATION_ASKING);
  g_autoptr (World) world = NULL;
  g_autoptr (Judgement) judgement = NULL;

  if (hosts)
    certificate->revocation_hosts = g_strsplit (hosts, ",", -1);
  world = sample_world (READER, token);
  if (answer)
    {
      told->failure = answer->failure;
      told->host = g_strdup (answer->host);
      told->as_of = answer->as_of;
      told->revoked_at = answer->revoked_at;
      told->reason = answer->reason;
      world =
        sample_after (g_steal_pointer (&world), (WorldEvent){ .kind = WORLD_EVENT_REVOCATION, .revocation = told });
    }
  judgement = judge (world, NULL, SAMPLE_NOW, &RULES_DEFAULT);
  return view_build (world, judgement);
}

static const CertificateView *
get_certificate (const View *view)
{
  return ((TokenView *) view->tokens->pdata[0])->certificates->pdata[0];
}

static const char *
get_told (const CertificateView *certificate)
{
  const Fact *fact = certificate->facts->pdata[certificate->revocation];

  g_assert_cmpstr (fact->name, ==, "Revocation");
  g_assert_false (fact->personal);
  return fact->value;
}

static void
test_sentences (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (View) view = look (cases[i].hosts, cases[i].asked ? &cases[i].answer : NULL);
      const CertificateView *certificate = get_certificate (view);

      g_assert_cmpstr (get_told (certificate), ==, cases[i].told);
      g_assert_cmpstr (certificate->status, ==, cases[i].status);
      g_assert_cmpint (certificate->revoked, ==, cases[i].revoked);
      g_assert_cmpint (certificate->askable, ==, cases[i].askable);
    }
}

/* There is something to say of everything that can be known. */
static void
test_all (void)
{
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int failure = REVOCATION_NOT_FAILED + 1; failure < REVOCATION_N_FAILURES; failure++)
    {
      Revocation answer = UNKNOWN (BROKEN);
      g_autoptr (View) view = NULL;

      answer.failure = (RevocationFailure) failure;
      view = look (HOST, &answer);
      g_assert_true (g_str_has_prefix (get_told (get_certificate (view)), "Not known. "));
      g_assert_true (g_hash_table_add (told, g_strdup (get_told (get_certificate (view)))));
    }
  for (int reason = REVOCATION_NO_REASON; reason <= REVOCATION_MAX_REASON; reason++)
    {
      Revocation answer = GONE (reason, DAY, NULL);
      g_autoptr (View) view = look (HOST, &answer);

      g_assert_true (g_str_has_prefix (get_told (get_certificate (view)), "Revoked on 2027-01-05"));
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("LANGUAGE", "C", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view-revocation/sentences", test_sentences);
  g_test_add_func ("/view-revocation/all", test_all);
  return g_test_run ();
}
