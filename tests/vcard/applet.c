/* The helpers that applets share, and the table of all applets. */
#include "applet.h"

#include <stdlib.h>
#include <string.h>

extern const VCardApplet vcard_applet_gids;
extern const VCardApplet vcard_applet_openpgp;
extern const VCardApplet vcard_applet_piv;
extern const VCardApplet vcard_applet_pkcs15;

static const VCardApplet *const applets[] = {
  &vcard_applet_piv,
  &vcard_applet_openpgp,
  &vcard_applet_gids,
  &vcard_applet_pkcs15,
};

const VCardApplet *
vcard_applet_find (const char *name)
{
  for (size_t i = 0; i < sizeof applets / sizeof applets[0]; i++)
    if (strcmp (applets[i]->name, name) == 0)
      return applets[i];
  return NULL;
}

void *
vcard_alloc (void *old, size_t n)
{
  void *memory = realloc (old, n > 0 ? n : 1);

  if (memory == NULL)
    abort ();
  return memory;
}

void
vreply_append (VReply *reply, const void *data, size_t n)
{
  if (n > sizeof reply->data - reply->n)
    n = sizeof reply->data - reply->n;
  if (n > 0)
    memcpy (reply->data + reply->n, data, n);
  reply->n += n;
}

/* BER, definite lengths of up to three bytes: enough for 64 KiB. */
void
vreply_append_tlv (VReply *reply, unsigned tag, const void *data, size_t n)
{
  uint8_t header[8];
  size_t at = 0;

  for (int shift = 24; shift >= 0; shift -= 8)
    if (tag >> shift != 0)
      header[at++] = (uint8_t) (tag >> shift);
  if (n > 0xFFFF)
    {
      header[at++] = 0x83;
      header[at++] = (uint8_t) (n >> 16);
    }
  else if (n > 0xFF)
    header[at++] = 0x82;
  else if (n > 0x7F)
    header[at++] = 0x81;
  if (n > 0xFF)
    header[at++] = (uint8_t) (n >> 8);
  header[at++] = (uint8_t) n;
  vreply_append (reply, header, at);
  vreply_append (reply, data, n);
}

void
vpin_set (VPin *pin, const char *value, unsigned left, unsigned max)
{
  memset (pin, 0, sizeof *pin);
  strncpy (pin->value, value, sizeof pin->value - 1);
  pin->left = left;
  pin->max = max;
}

bool
vpin_check (VPin *pin, const char *value)
{
  pin->verified = false;
  if (pin->left == 0)
    return false;
  if (strcmp (pin->value, value) != 0)
    {
      pin->left--;
      return false;
    }
  pin->left = pin->max;
  return true;
}

const VObject *
vobjects_find (const VObject *list, uint64_t tag)
{
  while (list != NULL && list->tag != tag)
    list = list->next;
  return list;
}

void
vobjects_free (VObject **list)
{
  while (*list != NULL)
    {
      VObject *object = *list;

      *list = object->next;
      free (object->data);
      free (object);
    }
}
