/* Saves a certificate, its end for a calendar, or a report, in a file that the person chooses. */
#pragma once

#include <gtk/gtk.h>

#include "model/certificate.h"

/* Opens the file dialog; returns at once. HOLDER makes the name that is proposed. */
void export_certificate (GtkWindow *parent, Certificate *certificate, const char *holder);

/* The same for CALENDAR (taken): the end of a certificate as an entry for a calendar (model/calendar). */
void export_calendar (GtkWindow *parent, char *calendar, const char *holder);

/* The same for REPORT (taken): what the check has found, as text. */
void export_report (GtkWindow *parent, char *report);

/* HOLDER as a file name with EXTENSION (".pem"), without what a file system or a shell takes for something else. */
char *export_get_name (const char *holder, const char *extension);
