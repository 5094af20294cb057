/* Vendor libraries: which there are (a profile, from a key file of modules.d or from the list of p11-kit), and what one
 * of them shows (a report, from its worker). Values. Pure. */
#pragma once

#include "token.h"

/* One library. */
typedef struct
{
  grefcount refs;
  char *id;                 /* the name of its file, without the extension: "longmai" */
  char *name;               /* for people: "龙脉 mToken" */
  char *type;               /* "pkcs11" or "skf" */
  GStrv libraries;          /* paths, the first that is there counts; a pattern ends with * */
  GStrv usb;                /* "055c:e618" or "055c": only worth loading with such a device; NULL: always */
  gboolean software_tokens; /* those without hardware count too */
  gboolean own;             /* the user's own file names it */
  gboolean registered;      /* with p11-kit only: nobody has chosen it for this program */
} ModuleProfile;

/* From the group [Module] of FILE, called ID. NULL without ERROR where it says Enabled=false; with ERROR where it makes
 * no sense. (transfer full) */
ModuleProfile *
module_profile_new_from_key_file (GKeyFile *file, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

ModuleProfile *module_profile_ref (ModuleProfile *profile);
void module_profile_unref (ModuleProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModuleProfile, module_profile_unref)

/* Whether a device of VENDOR and PRODUCT is one of PROFILE's. */
gboolean module_profile_has_device (const ModuleProfile *profile, guint vendor, guint product);

/* A token that it shows. */
typedef struct
{
  char *place; /* clean: the name of the device or slot */
  Token *token;
} ModuleEntry;

typedef struct
{
  gboolean uses_pcsc;     /* it speaks with the smart card service itself: it is not kept, and has not been asked */
  gboolean only_software; /* it has no place for hardware: it is of no use */
  GPtrArray *entries;     /* ModuleEntry, each place once */
} ModuleReport;

ModuleReport *module_report_new (void);
void module_report_free (ModuleReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModuleReport, module_report_free)

/* TOKEN is taken. */
void module_report_add (ModuleReport *report, const char *place, Token *token);

#define MODULE_REPORT_TYPE "(bba(sa{sv}))"
#define MODULE_REPORT_MAX  16

/* from_variant takes an untrusted VARIANT of that type; NULL when it makes no sense. */
GVariant *module_report_to_variant (const ModuleReport *report);
ModuleReport *module_report_from_variant (GVariant *variant) G_GNUC_WARN_UNUSED_RESULT;
