/* One row of a card: a name, dim, and its value; at its end a button that copies the value, or an arrow where the row
 * leads somewhere, or nothing. */
#pragma once

#include <gtk/gtk.h>

#include "model/view.h"

#define FACT_ROW_TYPE (fact_row_get_type ())
G_DECLARE_FINAL_TYPE (FactRow, fact_row, ASSISTANT, FACT_ROW, GtkListBoxRow)

/* What can be done about a fact: a button in its row. All borrowed. */
typedef struct
{
  const char *label;  /* with a mnemonic */
  const char *action; /* "app.change-pin-of" */
  const char *target; /* its parameter, a string */
} FactButton;

/* Makes LIST show FACTS; rows that are already there stay, with the keyboard's focus and what is selected in them. */
void fact_row_show_facts (GtkListBox *list, const GPtrArray *facts);

/* Gives the row at INDEX of LIST a button, or with NULL none. */
void fact_row_show_button (GtkListBox *list, guint index, const FactButton *button);

/* … and CERTIFICATES (CertificateView), as rows that lead somewhere. */
void fact_row_show_certificates (GtkListBox *list, const GPtrArray *certificates);
