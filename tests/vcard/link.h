/* The wire between the IFD handler (in pcscd) and vcard-host: a Unix stream socket per reader.
 *
 * The handler listens, the host connects: a connection is an inserted token, its end is the removal. The handler sends
 * a request, the host sends one reply; there is never more than one request under way.
 *   request  1 byte kind, 4 bytes length (big endian), payload
 *   reply    4 bytes length, payload: the answer APDU, or the ATR (none: the token is mute)
 * The payload of LINK_PAD is the structure of FEATURE_MODIFY_PIN_DIRECT; its reply comes when the person has typed.
 */
#pragma once

#define LINK_APDU       'A'
#define LINK_POWER_UP   'U'
#define LINK_RESET      'R'
#define LINK_POWER_DOWN 'D'
#define LINK_PAD        'P'

#define LINK_REQUEST_HEADER 5
#define LINK_REPLY_HEADER   4
#define LINK_PAYLOAD_MAX    70000
