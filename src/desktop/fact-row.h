/* One row of a card: a name, dim, and its value; at its end a button that copies the value, or an arrow where the row
 * leads somewhere, or nothing. */
#pragma once

#include <gtk/gtk.h>

#include "model/view.h"

#define FACT_ROW_TYPE (fact_row_get_type ())
G_DECLARE_FINAL_TYPE (FactRow, fact_row, ASSISTANT, FACT_ROW, GtkListBoxRow)

/* Makes LIST show FACTS; rows that are already there stay, with the keyboard's focus and what is selected in them. */
void fact_row_show_facts (GtkListBox *list, const GPtrArray *facts);

/* … and CERTIFICATES (CertificateView), as rows that lead somewhere. */
void fact_row_show_certificates (GtkListBox *list, const GPtrArray *certificates);
