#include "export.h"

#include <glib/gi18n.h>
#include <string.h>

/* Most file systems take 255 bytes; the person may add something. */
#define NAME_MAX_BYTES 160

typedef enum
{
  FORMAT_PEM,
  FORMAT_DER,
  FORMAT_UNKNOWN
} Format;

static const struct
{
  const char *extension;
  Format format;
} extensions[] = {
  { ".pem", FORMAT_PEM },
  { ".der", FORMAT_DER },
  { ".cer", FORMAT_DER },
};

typedef struct
{
  GtkWindow *parent;        /* weak */
  Certificate *certificate; /* or NULL: TEXT is saved as it is */
  char *text;
  GtkFileChooserNative *chooser;
  GtkFileFilter *der_filter;
} Export;

char *
export_get_name (const char *holder, const char *extension)
{
  GString *name = g_string_new (NULL);

  for (const char *p = holder; *p && name->len < NAME_MAX_BYTES; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c) || strchr ("/\\:*?\"<>|", c < 128 ? (int) c : 'x'))
        c = '_';
      g_string_append_unichar (name, c);
    }
  /* A leading dot hides the file, a leading dash makes it an option, a dot or a space at the end is lost elsewhere. */
  while (name->len > 0 && strchr (". ", name->str[name->len - 1]))
    g_string_truncate (name, name->len - 1);
  while (name->len > 0 && strchr (".- ", name->str[0]))
    g_string_erase (name, 0, 1);
  if (name->len == 0)
    /* Translators: a file name without its extension */
    g_string_append (name, _ ("certificate"));
  g_string_append (name, extension);
  return g_string_free (name, FALSE);
}

static void
export_free (Export *export)
{
  if (export->parent)
    g_object_remove_weak_pointer (G_OBJECT (export->parent), (gpointer *) &export->parent);
  g_clear_pointer (&export->certificate, certificate_unref);
  g_free (export->text);
  g_object_unref (export->chooser);
  g_free (export);
}

static void
show_error (GtkWindow *parent, const char *reason)
{
  GtkWidget *dialog = gtk_message_dialog_new (parent, GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                              GTK_MESSAGE_ERROR, GTK_BUTTONS_CLOSE, _ ("The file could not be saved"));

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", reason);
  g_signal_connect (dialog, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer data)
{
  Export *export = data;
  g_autoptr (GError) error = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error) && export->parent)
    show_error (export->parent, g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG)
                                  ? _ ("There is already a file of this name.")
                                  : error->message);
  export_free (export);
}

/* What NAME says that it holds; *LENGTH: of the name without its extension. */
static Format
get_format (const char *name, gsize *length)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  *length = strlen (name);
  for (gsize i = 0; i < G_N_ELEMENTS (extensions); i++)
    if (g_str_has_suffix (lower, extensions[i].extension))
      {
        *length -= strlen (extensions[i].extension);
        return extensions[i].format;
      }
  return FORMAT_UNKNOWN;
}

/* Where to write, and which format: the one that the name says. Where the person chose binary and left the name of the
 * text, the name follows. (transfer full) */
static GFile *
choose_file (Export *export, GFile *chosen, Format *format)
{
  gboolean binary = gtk_file_chooser_get_filter (GTK_FILE_CHOOSER (export->chooser)) == export->der_filter;
  g_autoptr (GFile) folder = g_file_get_parent (chosen);
  g_autofree char *name = g_file_get_basename (chosen);
  g_autofree char *renamed = NULL;
  gsize length;

  *format = get_format (name, &length);
  if (*format == FORMAT_UNKNOWN)
    *format = binary ? FORMAT_DER : FORMAT_PEM;
  if (!binary || *format == FORMAT_DER || !folder)
    return g_object_ref (chosen);
  *format = FORMAT_DER;
  renamed = g_strdup_printf ("%.*s.der", (int) length, name);
  return g_file_get_child (folder, renamed);
}

/* What is to be written, in FORMAT if it is a certificate. (transfer full) */
static GBytes *
get_contents (Export *export, Format format)
{
  char *text = export->text ? g_strdup (export->text) : NULL;

  if (!text && format == FORMAT_DER)
    return g_bytes_ref (export->certificate->der);
  if (!text)
    text = certificate_to_pem (export->certificate);
  return g_bytes_new_take (text, strlen (text));
}

static void
write_file (Export *export, GFile *chosen)
{
  Format format = FORMAT_UNKNOWN;
  g_autoptr (GFile) file = export->certificate ? choose_file (export, chosen, &format) : g_object_ref (chosen);
  g_autoptr (GBytes) bytes = get_contents (export, format);
  /* Nobody was asked whether the file of another name may go: no file has this tag, so none is replaced. */
  const char *tag = g_file_equal (file, chosen) ? NULL : "none";

  g_file_replace_contents_bytes_async (file, bytes, tag, FALSE, G_FILE_CREATE_NONE, NULL, on_written, export);
}

static void
on_response (GtkNativeDialog *dialog, int response, gpointer data)
{
  Export *export = data;
  g_autoptr (GFile) file =
    response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;

  gtk_native_dialog_hide (dialog);
  if (file)
    write_file (export, file);
  else
    export_free (export);
}

static GtkFileFilter *
add_filter (GtkFileChooser *chooser, const char *name, const char *const *patterns)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  for (guint i = 0; patterns[i]; i++)
    gtk_file_filter_add_pattern (filter, patterns[i]);
  gtk_file_chooser_add_filter (chooser, filter);
  return filter;
}

/* Opens the dialog of EXPORT under TITLE, for a file that is named after HOLDER. */
static GtkFileChooser *
open_dialog (Export *export, GtkWindow *parent, const char *title, const char *holder, const char *extension)
{
  g_autofree char *name = export_get_name (holder, extension);

  g_set_weak_pointer (&export->parent, parent);
  export->chooser =
    gtk_file_chooser_native_new (title, parent, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (export->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (export->chooser), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (export->chooser), TRUE);
  g_signal_connect (export->chooser, "response", G_CALLBACK (on_response), export);
  return GTK_FILE_CHOOSER (export->chooser);
}

void
export_certificate (GtkWindow *parent, Certificate *certificate, const char *holder)
{
  static const char *const pem[] = { "*.pem", NULL }, *const der[] = { "*.der", "*.cer", NULL };
  Export *export = g_new0 (Export, 1);
  GtkFileChooser *chooser = open_dialog (export, parent, _ ("Export the certificate"), holder, ".pem");

  export->certificate = certificate_ref (certificate);
  add_filter (chooser, _ ("Text, PEM (*.pem)"), pem);
  export->der_filter = add_filter (chooser, _ ("Binary, DER (*.der, *.cer)"), der);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* TEXT (taken), as a file of the kind that PATTERN and its NAME describe. */
static void
export_text (GtkWindow *parent, char *text, const char *title, const char *stem, const char *pattern, const char *name)
{
  Export *export = g_new0 (Export, 1);
  GtkFileChooser *chooser = open_dialog (export, parent, title, stem, pattern + 1);

  export->text = text;
  add_filter (chooser, name, (const char *const[]){ pattern, NULL });
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

void
export_calendar (GtkWindow *parent, char *calendar, const char *holder)
{
  export_text (parent, calendar, _ ("Save an entry for the calendar"), holder, "*.ics", _ ("Calendar (*.ics)"));
}

void
export_report (GtkWindow *parent, char *report)
{
  /* Translators: a file name without its extension */
  export_text (parent, report, _ ("Save the report"), _ ("check"), "*.txt", _ ("Text (*.txt)"));
}
