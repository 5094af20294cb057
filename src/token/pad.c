#include "pad.h"

#include <reader.h>
#include <string.h>

#include "model/attempt.h"

#define FORMAT_ASCII    0x82 /* offsets in bytes, PIN at the left of its block, in ASCII */
#define CONFIRM_NEW     0x01
#define ASK_CURRENT     0x02
#define WHEN_KEY        0x02   /* an entry ends with the key for OK */
#define LANGUAGE        0x0409 /* English: readers refuse those that they do not have */
#define MESSAGE_CURRENT 0
#define MESSAGE_NEW     1
#define MESSAGE_AGAIN   2

gsize
pad_encode (const PadCommand *command, guint8 *block, gsize size)
{
  PIN_MODIFY_STRUCTURE head = {
    .bTimerOut = ATTEMPT_PAD_SECONDS,
    .bTimerOut2 = ATTEMPT_PAD_SECONDS,
    .bmFormatString = FORMAT_ASCII,
    .bmPINBlockString = command->block_size,
    .bInsertionOffsetOld = command->old_offset,
    .bInsertionOffsetNew = command->new_offset,
    .wPINMaxExtraDigit = HOST_TO_CCID_16 ((guint16) (command->min_length << 8 | command->max_length)),
    .bConfirmPIN = command->with_old ? CONFIRM_NEW | ASK_CURRENT : CONFIRM_NEW,
    .bEntryValidationCondition = WHEN_KEY,
    .bNumberMessage = command->with_old ? 3 : 2,
    .wLangId = HOST_TO_CCID_16 (LANGUAGE),
    .bMsgIndex1 = command->with_old ? MESSAGE_CURRENT : MESSAGE_NEW,
    .bMsgIndex2 = command->with_old ? MESSAGE_NEW : MESSAGE_AGAIN,
    .bMsgIndex3 = MESSAGE_AGAIN,
  };
  gsize length;

  g_assert (size > sizeof head);
  length = apdu_encode (&command->apdu, APDU_SHORT, block + sizeof head, size - sizeof head);
  head.ulDataLength = HOST_TO_CCID_32 ((guint32) length);
  memcpy (block, &head, sizeof head);
  return sizeof head + length;
}
