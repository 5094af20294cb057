#include "diagnosis-machine.h"

#include <glib/gi18n-lib.h>

#include "text.h"

#define NAME_MAX_CHARS 60

#define INSTALL_SERVICE "sudo apt install pcscd"
#define INSTALL_DRIVER  "sudo apt install libccid"
#define START_SERVICE   "sudo systemctl enable --now pcscd.socket"
#define RESTART_SERVICE "sudo systemctl restart pcscd"

static gboolean
is_so (DiagnosisFact fact)
{
  return fact.reason == DIAGNOSIS_KNOWN && fact.is;
}

static gboolean
is_not_so (DiagnosisFact fact)
{
  return fact.reason == DIAGNOSIS_KNOWN && !fact.is;
}

/* Whether the service has answered, if only to refuse; then nothing below it can be the trouble. */
static gboolean
has_answered (const View *view)
{
  return view->world->known && (view->world->service == ERROR_NONE || view->world->service == ERROR_SERVICE_DENIED);
}

/* ---- USB ---- */

static char *
name_device (const DiagnosisDevice *device)
{
  return device->name ? text_shorten (device->name, NAME_MAX_CHARS) : g_strdup (_ ("a device without a name"));
}

static char *
name_devices (const DiagnosisFacts *facts)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < facts->n_devices; i++)
    {
      const DiagnosisDevice *device = &facts->devices[i];
      g_autofree char *name = name_device (device);

      /* Translators: the name of a USB device, and its numbers: 1050:0407 */
      g_ptr_array_add (names, g_strdup_printf (_ ("%s (%04x:%04x)"), name, device->vendor, device->product));
    }
  g_ptr_array_add (names, NULL);
  return g_strjoinv (_ (", "), (GStrv) names->pdata);
}

static void
fill_usb (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view)
{
  g_autofree char *names = name_devices (facts);

  if (facts->usb != DIAGNOSIS_KNOWN)
    diagnosis_leave_open (row, _ ("Which USB devices are plugged in is not known."),
                          diagnosis_explain_reason (facts->usb));
  else if (facts->n_devices > 0)
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup_printf (_ ("Plugged in: %s."), names));
  else if (view->world->slots->len > 0)
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("The reader is not a USB device.")));
  else
    {
      diagnosis_say (row, DIAGNOSIS_WARNING,
                     g_strdup (_ ("No smart card reader and no USB key is plugged in. If it is, try another socket of "
                                  "the computer itself.")));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_RETRY, NULL, NULL);
    }
}

/* ---- its driver ---- */

static const DiagnosisDevice *
find_undriven (const DiagnosisFacts *facts)
{
  for (guint i = 0; i < facts->n_devices; i++)
    if (!facts->devices[i].driven)
      return &facts->devices[i];
  return NULL;
}

/* DEVICE has no driver. Where another one is a reader already, it may not be needed. */
static void
tell_of_no_driver (DiagnosisRow *row, const DiagnosisFacts *facts, const DiagnosisDevice *device, gboolean needed)
{
  DiagnosisState state = needed ? DIAGNOSIS_PROBLEM : DIAGNOSIS_WARNING;
  g_autofree char *name = name_device (device);

  if (device->ccid && !facts->class_driver)
    {
      diagnosis_say (row, state,
                     g_strdup (_ ("The driver for smart card readers is not installed. Install the package "
                                  "“libccid”.")));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, INSTALL_DRIVER);
      return;
    }
  diagnosis_say (row, state,
                 g_strdup_printf (_ ("The smart card service has no driver for %s. Install the Linux software of its "
                                     "maker; the issuer of the certificate has it."),
                                  name));
}

static void
fill_driver (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view)
{
  const DiagnosisDevice *undriven = find_undriven (facts);
  const char *what = _ ("Whether there is a driver is not known.");

  if (facts->usb == DIAGNOSIS_KNOWN && facts->drivers == DIAGNOSIS_KNOWN && undriven)
    tell_of_no_driver (row, facts, undriven, view->world->slots->len == 0);
  else if (view->world->slots->len > 0)
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("The reader has a driver.")));
  else if (facts->usb != DIAGNOSIS_KNOWN)
    diagnosis_leave_open (row, what, diagnosis_explain_reason (facts->usb));
  else if (facts->n_devices == 0)
    diagnosis_leave_open (row, what, _ ("There is no device that needs one."));
  else if (facts->drivers != DIAGNOSIS_KNOWN)
    diagnosis_leave_open (row, what, diagnosis_explain_reason (facts->drivers));
  else
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("There is a driver for it.")));
}

/* ---- the service ---- */

/* ROW is about something of the service that is wrong, unless the service answers from somewhere else. */
static gboolean
is_elsewhere (DiagnosisRow *row, const View *view)
{
  if (!has_answered (view))
    return FALSE;
  diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("It is not in its usual place, and it answers.")));
  return TRUE;
}

static void
fill_installed (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view)
{
  if (is_so (facts->installed))
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("The smart card service (pcscd) is installed.")));
  else if (is_elsewhere (row, view))
    return;
  else if (is_not_so (facts->installed))
    {
      diagnosis_say (row, DIAGNOSIS_PROBLEM, g_strdup (error_to_sentence (ERROR_SERVICE_MISSING)));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, INSTALL_SERVICE);
    }
  else
    diagnosis_leave_open (row, _ ("Whether the smart card service is installed is not known."),
                          diagnosis_explain_reason (facts->installed.reason));
}

static void
fill_socket (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view)
{
  const char *what = _ ("Whether programs can reach the smart card service is not known.");
  DiagnosisReason reason = facts->socket.reason == DIAGNOSIS_KNOWN ? facts->listening.reason : facts->socket.reason;

  if (is_so (facts->socket) && is_so (facts->listening))
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("Programs can reach it.")));
  else if (is_elsewhere (row, view))
    return;
  else if (is_not_so (facts->installed))
    diagnosis_leave_open (row, what, diagnosis_explain_service (view));
  else if (is_not_so (facts->socket) || is_not_so (facts->listening))
    {
      diagnosis_say (row, DIAGNOSIS_PROBLEM,
                     g_strdup (is_so (facts->socket)
                                 ? _ ("Its socket is there, but nobody listens: it ended without tidying up.")
                                 : _ ("Its socket is not there, so no program can reach it.")));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, START_SERVICE);
    }
  else
    diagnosis_leave_open (row, what, diagnosis_explain_reason (reason));
}

static void
fill_running (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view)
{
  const char *what = _ ("Whether the smart card service is running is not known.");

  if (is_so (facts->running) && facts->suspended)
    {
      diagnosis_say (row, DIAGNOSIS_PROBLEM,
                     g_strdup (_ ("The smart card service is there, but somebody has suspended it.")));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, RESTART_SERVICE);
    }
  else if (is_so (facts->running) && (has_answered (view) || !is_not_so (facts->listening)))
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("It is running.")));
  else if (is_elsewhere (row, view))
    return;
  else if (is_not_so (facts->installed))
    diagnosis_leave_open (row, what, diagnosis_explain_service (view));
  else if (is_not_so (facts->running) && is_so (facts->listening))
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("It starts as soon as a program needs it.")));
  else if (facts->running.reason == DIAGNOSIS_KNOWN) /* or one runs that is nobody's here: in a container */
    {
      diagnosis_say (row, DIAGNOSIS_PROBLEM, g_strdup (error_to_sentence (ERROR_SERVICE_STOPPED)));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, START_SERVICE);
    }
  else
    diagnosis_leave_open (row, what, diagnosis_explain_reason (facts->running.reason));
}

/* A service that hung in the middle of a reading has a slot that says so. */
static gboolean
is_hung (const View *view)
{
  gboolean hung = view->world->service == ERROR_SERVICE_HUNG;

  for (guint i = 0; i < view->world->slots->len; i++)
    hung |= ((Slot *) view->world->slots->pdata[i])->failure == ERROR_SERVICE_HUNG;
  return hung;
}

static void
fill_answering (DiagnosisRow *row, const DiagnosisFacts *facts G_GNUC_UNUSED, const View *view)
{
  if (view->world->known && is_hung (view))
    {
      diagnosis_say (row, DIAGNOSIS_PROBLEM, g_strdup (error_to_sentence (ERROR_SERVICE_HUNG)));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, RESTART_SERVICE);
    }
  else if (has_answered (view))
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("It answers.")));
  else
    diagnosis_leave_open (row, _ ("Whether the smart card service answers is not known."),
                          diagnosis_explain_service (view));
}

static void
fill_allowed (DiagnosisRow *row, const DiagnosisFacts *facts G_GNUC_UNUSED, const View *view)
{
  if (view->world->known && view->world->service == ERROR_SERVICE_DENIED)
    {
      diagnosis_say (row, DIAGNOSIS_PROBLEM, g_strdup (error_to_sentence (ERROR_SERVICE_DENIED)));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_RETRY, NULL, NULL);
    }
  else if (has_answered (view))
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("You may use smart cards here.")));
  else
    diagnosis_leave_open (row, _ ("Whether you may use smart cards here is not known."),
                          diagnosis_explain_service (view));
}

void
diagnosis_machine_add_rows (Diagnosis *diagnosis, const DiagnosisFacts *facts, const View *view)
{
  static const DiagnosisLayer layers[] = {
    { "usb", N_ ("USB device"), fill_usb },
    { "driver", N_ ("Driver"), fill_driver },
    { "service-installed", N_ ("Smart card service"), fill_installed },
    { "service-socket", N_ ("Way to the service"), fill_socket },
    { "service-running", N_ ("Service running"), fill_running },
    { "service-answering", N_ ("Service answering"), fill_answering },
    { "service-allowed", N_ ("Permission"), fill_allowed },
  };

  diagnosis_add_rows (diagnosis, layers, G_N_ELEMENTS (layers), facts, view);
}
