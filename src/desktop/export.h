/* Saves a certificate in a file that the person chooses. */
#pragma once

#include <gtk/gtk.h>

#include "model/certificate.h"

/* Opens the file dialog; returns at once. HOLDER makes the name that is proposed. */
void export_certificate (GtkWindow *parent, Certificate *certificate, const char *holder);

/* HOLDER as a file name with EXTENSION (".pem"), without what a file system or a shell takes for something else. */
char *export_get_name (const char *holder, const char *extension);
