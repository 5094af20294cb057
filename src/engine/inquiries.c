#include "inquiries.h"

#include <string.h>

#include "worker.h"

/* The worker gives up a little earlier. */
#define DEADLINE_MS 30000

#define MAX_INQUIRIES 8

struct _Inquiries
{
  InquiriesFunc func;
  gpointer data;
  GHashTable *under_way; /* SHA-256 → Inquiry */
};

typedef struct
{
  Inquiries *inquiries;
  char *sha256;
  Worker *worker;
  guint idle; /* source, where it was over before it began */
} Inquiry;

static void
inquiry_free (Inquiry *inquiry)
{
  g_clear_pointer (&inquiry->worker, worker_free);
  g_clear_handle_id (&inquiry->idle, g_source_remove);
  g_free (inquiry->sha256);
  g_free (inquiry);
}

static void
end (Inquiry *inquiry, Revocation *revocation)
{
  Inquiries *inquiries = inquiry->inquiries;

  g_hash_table_remove (inquiries->under_way, inquiry->sha256);
  inquiries->func (revocation, inquiries->data);
}

static void
fail (Inquiry *inquiry, RevocationFailure failure)
{
  g_autoptr (Revocation) revocation = revocation_new (inquiry->sha256, REVOCATION_UNKNOWN);

  revocation->failure = failure;
  end (inquiry, revocation);
}

static void
on_frame (Worker *worker G_GNUC_UNUSED, FrameKind kind, GVariant *payload, gpointer data)
{
  Inquiry *inquiry = data;
  g_autoptr (Revocation) revocation = kind == FRAME_REVOCATION ? revocation_from_variant (payload) : NULL;

  if (revocation && strcmp (revocation->sha256, inquiry->sha256) == 0)
    end (inquiry, revocation);
  else
    fail (inquiry, REVOCATION_BROKEN);
}

static void
on_end (Worker *worker G_GNUC_UNUSED, gboolean timed_out, gpointer data)
{
  fail (data, timed_out ? REVOCATION_SILENT : REVOCATION_BROKEN);
}

static gboolean
on_idle (gpointer data)
{
  Inquiry *inquiry = data;

  inquiry->idle = 0;
  fail (inquiry, REVOCATION_BROKEN);
  return G_SOURCE_REMOVE;
}

static void
start (Inquiry *inquiry, GVariant *question)
{
  const char *const arguments[] = { "revocation", inquiry->sha256, NULL };
  g_autoptr (GVariant) owned = g_variant_ref_sink (question);
  g_autoptr (GError) error = NULL;

  inquiry->worker = worker_spawn (arguments, on_frame, on_end, inquiry, &error);
  if (!inquiry->worker)
    g_warning ("%s", error->message);
  else if (worker_send_value (inquiry->worker, FRAME_QUESTION, owned))
    {
      worker_set_deadline (inquiry->worker, DEADLINE_MS);
      return;
    }
  g_clear_pointer (&inquiry->worker, worker_free);
  inquiry->idle = g_idle_add (on_idle, inquiry);
}

void
inquiries_ask (Inquiries *inquiries, const Certificate *certificate, const GPtrArray *others)
{
  g_autoptr (Revocation) asking = revocation_new (certificate->sha256, REVOCATION_ASKING);
  Inquiry *inquiry;

  if (g_hash_table_contains (inquiries->under_way, certificate->sha256)
      || g_hash_table_size (inquiries->under_way) >= MAX_INQUIRIES)
    return;
  inquiry = g_new0 (Inquiry, 1);
  inquiry->inquiries = inquiries;
  inquiry->sha256 = g_strdup (certificate->sha256);
  g_hash_table_insert (inquiries->under_way, inquiry->sha256, inquiry);
  start (inquiry, revocation_make_question (certificate, others));
  inquiries->func (asking, inquiries->data);
}

Inquiries *
inquiries_new (InquiriesFunc func, gpointer data)
{
  Inquiries *inquiries = g_new0 (Inquiries, 1);

  inquiries->func = func;
  inquiries->data = data;
  inquiries->under_way = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) inquiry_free);
  return inquiries;
}

void
inquiries_free (Inquiries *inquiries)
{
  g_hash_table_unref (inquiries->under_way);
  g_free (inquiries);
}
