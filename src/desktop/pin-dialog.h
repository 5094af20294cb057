/* The dialog for a PIN: shows a PinView, collects what is typed, and says when the person wants it sent. It knows no
 * token and no engine. What is typed stands in gcr's locked memory and is wiped when it has been fetched, when the
 * dialog closes and when its PinView turns to another offer. */
#pragma once

#include <gtk/gtk.h>

#include "model/pin-view.h"

#define PIN_DIALOG_TYPE (pin_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PinDialog, pin_dialog, ASSISTANT, PIN_DIALOG, GtkDialog)

/* Signal "submitted" (): everything that can be checked here is right; fetch it with pin_dialog_get_secret () inside
 * the handler (at a reader's keypad there is nothing to fetch). The entries are wiped right after it, and the dialog is
 * busy until pin_dialog_show_result (). Signal "link-wanted" (): the person wants to go where the view's link leads.
 * Signal "page-wanted" (): … the issuer's page.
 * Response GTK_RESPONSE_CANCEL: given up; also while busy. */
PinDialog *pin_dialog_new (GtkWindow *parent);

/* Shows VIEW, the first or a newer one. What is typed stays as long as the offer and what can be sent stay. */
void pin_dialog_show_view (PinDialog *dialog, PinView *view);

/* What was typed first (the current PIN, or the PUK), and the new PIN; inside locked memory, valid until the dialog's
 * signal handler returns. */
PinText pin_dialog_get_secret (PinDialog *dialog);
PinText pin_dialog_get_new_pin (PinDialog *dialog);

typedef enum
{
  PIN_RESULT_DONE,     /* nothing more to type: "Close" */
  PIN_RESULT_WRONG,    /* what was typed first was wrong: that field gets the focus */
  PIN_RESULT_REFUSED,  /* the new PIN was: that one */
  PIN_RESULT_NOT_DONE, /* anything else */
} PinResult;

/* No longer busy: says SENTENCE, aloud too. */
void pin_dialog_show_result (PinDialog *dialog, PinResult result, const char *sentence);
