#include "recordings.h"

#include <string.h>

#include "gids-bench.h"
#include "hex.h"
#include "pkcs15-bench.h"
#include "testcert.h"

static const guint8 said_yes[] = { 0x90, 0x00 };
static const guint8 bad_instruction[] = { 0x6D, 0x00 };

/* How a virtual token is filled. It speaks T=1; T=0 is put around it here. */

static void
fill_nothing (VCard *card G_GNUC_UNUSED)
{
}

static void
put_hex (VCard *card, guint32 tag, const char *hex, gboolean raw)
{
  g_autoptr (GByteArray) bytes = hex_to_bytes (hex);

  g_assert_true (vcard_put_object (card, NULL, tag, bytes->data, bytes->len, raw));
}

static void
put_der (VCard *card, guint32 tag, const GByteArray *packed, guint8 info)
{
  g_autoptr (GByteArray) content = bench_make_content (packed, info);

  g_assert_true (vcard_put_object (card, NULL, tag, content->data, content->len, FALSE));
}

static void
put_certificate (VCard *card, guint32 tag, const char *key, const char *holder)
{
  g_autoptr (GByteArray) der = testcert_make (key, holder);

  put_der (card, tag, der, 0);
}

/* A card holder identifier: agency code, GUID, date, no signature, no check. */
static void
put_chuid (VCard *card)
{
  put_hex (card, TAG_CHUID,
           "3019 D4E739DA739CED39CE739D836858210842108421C84210C3EB" CHUID_GUID "3508 3230333030313031 3E00 FE00",
           FALSE);
}

static void
fill_four (VCard *card)
{
  put_certificate (card, TAG_9A, "RSA-2048", "Zhang San");
  put_certificate (card, TAG_9C, "RSA-2048", "Zhang San");
  put_certificate (card, TAG_9D, "RSA-2048", "Zhang San");
  put_certificate (card, TAG_9E, "P-256", "张三");
  put_chuid (card);
  put_hex (card, TAG_HISTORY, "C10100 C20100 FE00", FALSE);
}

static void
fill_pulled (VCard *card)
{
  fill_four (card);
  vcard_fault_drop (card, (VCardMatch){ 8, VCARD_ANY });
}

static void
fill_packed (VCard *card)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "张三");
  g_autoptr (GByteArray) packed = testcert_pack (der->data, der->len, TESTCERT_GZIP);

  put_der (card, TAG_9A, packed, 1);
  put_hex (card, TAG_9C, "7003AABBCC 710100 FE00", FALSE);
  put_certificate (card, TAG_83, "P-256", "Zhang San");
  put_hex (card, TAG_HISTORY, "C10101 C20100 FE00", FALSE);
  vcard_set_pin (card, NULL, "pin", "123456", 0, 3);
}

static void
fill_global (VCard *card)
{
  put_certificate (card, TAG_9A, "P-256", "张三");
  put_chuid (card);
  put_hex (card, TAG_HISTORY, "C10100 C20100 FE00", FALSE);
  put_hex (card, 0x7E, "7E12 4F0B A000000308000010000100 5F2F02 2000", TRUE);
  vcard_set_pin (card, NULL, "pin", "123456", 0, 3);
  vcard_set_pin (card, NULL, "global", "123456", 4, 5);
}

static void
fill_yes (VCard *card)
{
  vcard_fault_answer (card, (VCardMatch){ VCARD_ANY, VCARD_ANY }, said_yes, sizeof said_yes, VCARD_FOREVER);
}

static void
fill_yubikey_5 (VCard *card)
{
  vcard_set_yubico (card, true);
  put_certificate (card, TAG_9A, "RSA-2048", "张三");
  put_certificate (card, TAG_9C, "P-256", "张三");
  put_certificate (card, TAG_95, "P-384", "Zhang San");
}

static void
put_openpgp (VCard *card, guint32 tag, const guint8 *bytes, gsize length)
{
  g_assert_true (vcard_put_object (card, "openpgp", tag, bytes, length, FALSE));
}

/* OpenPGP with keys of PGP alone, and one with a certificate for signatures too. */
static void
fill_yubikey_keys (VCard *card)
{
  static const guint8 fingerprints[60] = { [20] = 0xAB };

  fill_yubikey_5 (card);
  vcard_set_version (card, 5, 7, 1);
  g_assert_true (vcard_add_applet (card, "openpgp"));
  put_openpgp (card, 0xC5, fingerprints, sizeof fingerprints);
  vcard_set_pin (card, "openpgp", "admin", "12345678", 2, 3);
}

static void
fill_yubikey_both (VCard *card)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");

  fill_yubikey_keys (card);
  put_openpgp (card, 0x7F2102, der->data, der->len);
}

static void
fill_yubikey_unused (VCard *card)
{
  fill_yubikey_5 (card);
  g_assert_true (vcard_add_applet (card, "openpgp"));
}

static void
fill_yubikey_pulled (VCard *card)
{
  fill_yubikey_both (card);
  vcard_fault_drop (card, (VCardMatch){ 36, VCARD_ANY });
}

static void
fill_yubikey_neo (VCard *card)
{
  g_autoptr (GByteArray) atr = hex_to_bytes ("3BFC1300008131FE15597562696B65794E454F7233E1");

  vcard_set_yubico (card, true);
  vcard_set_extended (card, false);
  vcard_set_version (card, 1, 0, 4);
  vcard_set_atr (card, atr->data, atr->len);
  vcard_fault_answer (card, (VCardMatch){ VCARD_ANY, 0xF8 }, bad_instruction, sizeof bad_instruction, VCARD_FOREVER);
  put_certificate (card, TAG_9A, "RSA-2048", "Zhang San");
  put_chuid (card);
  vcard_set_pin (card, NULL, "pin", "123456", 1, 3);
}

/* OpenPGP */

static void
put_plain (VCard *card, guint32 tag, const char *key, const char *holder)
{
  g_autoptr (GByteArray) der = testcert_make (key, holder);

  g_assert_true (vcard_put_object (card, NULL, tag, der->data, der->len, FALSE));
}

static void
fill_named (VCard *card)
{
  put_hex (card, 0x5B, "5A68616E673C3C53616E", FALSE); /* Zhang<<San */
}

static void
fill_three (VCard *card)
{
  fill_named (card);
  put_plain (card, 0x7F21, "RSA-2048", "Zhang San");
  put_plain (card, 0x7F2101, "P-256", "Zhang San");
  put_plain (card, 0x7F2102, "P-256", "张三");
}

static void
fill_three_pulled (VCard *card)
{
  fill_three (card);
  vcard_fault_drop (card, (VCardMatch){ 7, VCARD_ANY });
}

static void
fill_version_2 (VCard *card)
{
  put_hex (card, 0x4F, "D276000124010201 0005 0000BEEF 0000", FALSE);
  put_plain (card, 0x7F21, "P-256", "张三");
  vcard_set_pin (card, NULL, "pin", "123456", 0, 3);
  vcard_set_pin (card, NULL, "puk", "87654321", 2, 3);
}

static void
fill_spoilt (VCard *card)
{
  fill_three (card);
  put_hex (card, 0x7F2101, "7F4E00", FALSE);
}

static void
fill_signature_only (VCard *card)
{
  vcard_set_extended (card, true);
  put_plain (card, 0x7F2102, "P-256", "张三");
}

static void
fill_openpgp_yubikey (VCard *card)
{
  vcard_set_yubico (card, true);
  put_plain (card, 0x7F21, "P-256", "张三");
}

/* GIDS */

static const GidsContainer containers[] = {
  { GIDS_VALID, FALSE, "P-256", "Zhang San", FALSE },
  { 0, TRUE, "P-256", "Zhang San", FALSE },
  { GIDS_VALID | GIDS_DEFAULT, TRUE, "RSA-2048", "张三", FALSE },
  { GIDS_VALID, TRUE, "P-256", "Zhang San", TRUE },
};

static void
fill_one_container (VCard *card)
{
  gids_put_containers (card, containers + 2, 1);
}

static void
fill_containers (VCard *card)
{
  gids_put_containers (card, containers, G_N_ELEMENTS (containers));
}

static void
fill_containers_pulled (VCard *card)
{
  fill_containers (card);
  vcard_fault_drop (card, (VCardMatch){ 12, VCARD_ANY });
}

static void
fill_containers_spoilt (VCard *card)
{
  fill_containers (card);
  gids_put_hex (card, GIDS_FIRST, "0100 0300 789CAABBCC");
  gids_put_hex (card, GIDS_CARD_ID, "00000000000000000000000000000000");
  vcard_set_pin (card, NULL, "pin", "123456", 0, 3);
}

static void
fill_version_1 (VCard *card)
{
  vcard_set_extended (card, true);
  fill_one_container (card);
  gids_put_hex (card, GIDS_PIN, "9F170102 930103");
  vcard_set_pin (card, NULL, "puk", "87654321", 2, 3);
}

static void
fill_blank (VCard *card)
{
  static const guint8 not_found[] = { 0x6A, 0x82 };

  vcard_fault_answer (card, (VCardMatch){ 1, VCARD_ANY }, not_found, sizeof not_found, 1);
}

/* PKCS#15 */

static void
fill_pkcs15_empty (VCard *card)
{
  pkcs15_bench_fill (card);
}

static void
fill_pkcs15_three (VCard *card)
{
  pkcs15_bench_fill_certificates (card, "RSA-2048", "Zhang San|张三|Zhang San 2");
}

static void
fill_pkcs15_extended (VCard *card)
{
  vcard_set_extended (card, true);
  fill_pkcs15_three (card);
}

static void
fill_pkcs15_pulled (VCard *card)
{
  fill_pkcs15_three (card);
  vcard_fault_drop (card, (VCardMatch){ 17, VCARD_ANY });
}

static void
fill_pkcs15_blocked (VCard *card)
{
  pkcs15_bench_fill_certificates (card, "P-256", "张三");
  vcard_set_pin (card, NULL, "pin", "123456", 0, 3);
  vcard_set_pin (card, NULL, "puk", "12345678", 2, 3);
}

/* Its certificate is in the directory, and the directories are where EF.DIR says. */
static void
fill_pkcs15_direct (VCard *card)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
  g_autoptr (GByteArray) value = g_byte_array_new ();

  pkcs15_bench_fill (card);
  hex_append_tlv (value, 0xA0, der->data, der->len);
  pkcs15_bench_put (card, PKCS15_CDF, pkcs15_bench_certificate (NULL, FALSE, value));
  pkcs15_bench_put_hex (card, 0x84, "");
  pkcs15_bench_put_hex (card, PKCS15_EF_DIR,
                        "6108 4F06 D27600012401 6118 4F0C A000000063504B43532D3135 5002 4341 5104 3F005015 00000000");
}

/* One certificate cannot be read, one is not there, and whole paths are not taken. */
static void
fill_pkcs15_spoilt (VCard *card)
{
  pkcs15_bench_fill_certificates (card, "P-256", "Zhang San|张三|Zhang San 2|Zhang San 3");
  pkcs15_bench_put_hex (card, PKCS15_CERT + 2, "3003020105");
  vcard_delete_object (card, NULL, PKCS15_CERT + 3);
  pkcs15_bench_put_hex (card, 0xA4, "");
}

/* What reading must come to is said here, not taken from what it came to. */
#define PLAIN(serial, tries)                                                                                           \
  "= label none\n= serial " serial "\n= tries " tries                                                                  \
  "\n= tries-max unknown\n= default unknown\n= unlock-tries unknown\n"
#define OPENPGP(serial, tries, unlock, admin)                                                                          \
  "= pin user\n= serial " serial "\n= tries " tries "\n= unlock " unlock "\n= admin-tries " admin "\n"
#define THREE                                                                                                          \
  OPENPGP ("FF0000BC614E", "3", "admin", "3")                                                                          \
  "= label none\n= certificates aut|dec|sig\n= holders Zhang San|Zhang San|张三\n"                                   \
  "= keys RSA 2048|EC P-256|EC P-256\n= unreadable none\n"
#define GIDS(serial, tries, unlock)                                                                                    \
  "= pin user\n= label none\n= serial " serial "\n= tries " tries "\n= tries-max 3\n= unlock " unlock "\n"
#define GIDS_SERIAL "56434152440000000000000000BC614E"
#define CONTAINERS                                                                                                     \
  GIDS (GIDS_SERIAL, "3", "admin")                                                                                     \
  "= unlock-tries unknown\n= certificates kxc02|ksc00|kxc03\n= holders 张三|Zhang San|Zhang San\n"                   \
  "= keys RSA 2048|EC P-256|EC P-256\n= unreadable none\n"
#define PKCS15(tries, unlock_tries)                                                                                    \
  "= pin user\n= label Example Card\n= serial 0123456789\n= tries " tries                                              \
  "\n= unlock puk\n= unlock-tries " unlock_tries "\n"
#define PKCS15_THREE                                                                                                   \
  PKCS15 ("3", "3")                                                                                                    \
  "= certificates 01|02|03\n= holders Zhang San|张三|Zhang San 2\n= keys RSA 2048|RSA 2048|RSA 2048\n"               \
  "= roles authentication|signature|encryption\n= unreadable none\n"
#define YUBIKEY                                                                                                        \
  "= label YubiKey\n= serial 12345678\n= pin user\n= tries 3\n= tries-max 3\n= default 1\n= unlock-tries 3\n"
#define FOUR                                                                                                           \
  PLAIN (GUID_TEXT, "3")                                                                                               \
  "= certificates 9a|9c|9d|9e\n= holders Zhang San|Zhang San|Zhang San|张三\n"                                       \
  "= keys RSA 2048|RSA 2048|RSA 2048|EC P-256\n= unreadable none\n"

const Recording recordings[] = {
  { "piv", "empty", "A card with nothing on it; the virtual token", fill_nothing, FALSE,
    PLAIN ("none", "3") "= certificates none\n= holders none\n= keys none\n= unreadable none\n" },
  { "piv", "four-certificates",
    "A plain PIV card with four certificates and a key history: short APDUs, GET RESPONSE; the virtual token",
    fill_four, FALSE, FOUR },
  { "piv", "pulled", "The same, pulled in the middle of the second certificate", fill_pulled, FALSE,
    "= error token-removed\n" },
  { "piv", "t0",
    "The same with T=0: no Le behind data, every answer by GET RESPONSE, once with a length that the card corrects",
    fill_four, TRUE, FOUR },
  { "piv", "packed-and-spoilt",
    "A compressed certificate, a spoilt one, a blocked PIN, one retired key that the history counts; the virtual token",
    fill_packed, FALSE,
    PLAIN ("none", "0") "= certificates 9a|83\n= holders 张三|Zhang San\n= keys EC P-256|EC P-256\n= unreadable 9c\n" },
  { "piv", "global-pin", "A card that only takes the PIN of the whole card; its own is blocked; the virtual token",
    fill_global, FALSE,
    "= pin global\n" PLAIN (GUID_TEXT, "4") "= certificates 9a\n= holders 张三\n= keys EC P-256\n= unreadable none\n" },
  { "piv", "yes-to-everything", "No PIV card: it says 9000 to whatever it is asked; the virtual token", fill_yes, FALSE,
    "= error token-unknown\n" },
  { "piv", "yubikey-5",
    "Like a YubiKey 5.4: extended APDUs, metadata, factory PIN, one retired key in the last slot; the virtual token",
    fill_yubikey_5, FALSE,
    "= label YubiKey\n= serial 12345678\n= tries 3\n= tries-max 3\n= default 1\n= unlock-tries 3\n"
    "= certificates 9a|9c|95\n= holders 张三|张三|Zhang San\n= keys RSA 2048|EC P-256|EC P-384\n= unreadable none\n" },
  { "piv", "yubikey-and-openpgp",
    "The same with OpenPGP beside it, a newer one: a certificate for signatures, PINs of its own; the virtual token",
    fill_yubikey_both, FALSE,
    YUBIKEY "= pins user|openpgp-user|openpgp-admin\n= certificates 9a|9c|95|openpgp-sig\n"
            "= roles authentication|signature|encryption|signature\n= unreadable none\n" },
  { "piv", "yubikey-and-keys", "The same with keys of PGP alone", fill_yubikey_keys, FALSE,
    YUBIKEY "= pins user|openpgp-user|openpgp-admin\n= certificates 9a|9c|95\n" },
  { "piv", "yubikey-unused", "The same as in the beginning, with an OpenPGP application that nobody has used",
    fill_yubikey_unused, FALSE, YUBIKEY "= pins user\n= certificates 9a|9c|95\n" },
  { "piv", "yubikey-pulled", "Like yubikey-and-openpgp, pulled while OpenPGP is read", fill_yubikey_pulled, FALSE,
    "= error token-removed\n" },
  { "piv", "yubikey-neo",
    "Like a YubiKey NEO: short APDUs, no serial number to ask for, no metadata, one try left; the virtual token",
    fill_yubikey_neo, FALSE,
    "= label YubiKey NEO\n= serial " GUID_TEXT "\n= tries 1\n= tries-max unknown\n= default unknown\n"
    "= unlock-tries unknown\n= certificates 9a\n= holders Zhang San\n= keys RSA 2048\n= unreadable none\n" },
  { "openpgp", "empty", "A card of version 3.4 with nothing on it; the virtual token", fill_nothing, FALSE,
    OPENPGP ("FF0000BC614E", "3", "admin", "3") "= label none\n= certificates none\n= unreadable none\n" },
  { "openpgp", "holder", "The same with the name of its holder", fill_named, FALSE,
    OPENPGP ("FF0000BC614E", "3", "admin", "3") "= label San Zhang\n= certificates none\n= unreadable none\n" },
  { "openpgp", "three-certificates",
    "A card of version 3.4 with three certificates: short APDUs, GET RESPONSE, SELECT DATA; the virtual token",
    fill_three, FALSE, THREE },
  { "openpgp", "t0", "The same with T=0", fill_three, TRUE, THREE },
  { "openpgp", "pulled", "The same, pulled in the middle of the second certificate", fill_three_pulled, FALSE,
    "= error token-removed\n" },
  { "openpgp", "spoilt", "The same with a card verifiable certificate for decryption", fill_spoilt, FALSE,
    OPENPGP ("FF0000BC614E", "3", "admin", "3") "= certificates aut|sig\n= unreadable dec\n" },
  { "openpgp", "version-2", "Version 2.1, its PIN blocked, with a resetting code; the virtual token", fill_version_2,
    FALSE,
    OPENPGP ("00050000BEEF", "0", "puk", "3") "= unlock-tries 2\n= label ZeitControl\n= certificates aut\n"
                                              "= holders 张三\n= unreadable none\n" },
  { "openpgp", "signature-only", "The certificate for signatures alone, in the last place; the virtual token",
    fill_signature_only, FALSE,
    OPENPGP ("FF0000BC614E", "3", "admin", "3") "= certificates sig\n= roles signature\n= unreadable none\n" },
  { "openpgp", "yubikey-5",
    "Like a YubiKey 5.4.3: no answer to SELECT, templates in their own tag, SELECT DATA in its own way; the virtual "
    "token",
    fill_openpgp_yubikey, FALSE,
    OPENPGP ("12345678",
             "3",
             "admin",
             "3") "= label YubiKey\n= certificates aut\n= holders 张三\n= unreadable none\n" },
  { "openpgp", "yes-to-everything", "No OpenPGP card: it says 9000 to whatever it is asked; the virtual token",
    fill_yes, FALSE, "= error token-unknown\n" },
  { "gids", "blank", "A card that nobody has filled: no table of files; the virtual token", fill_blank, FALSE,
    GIDS ("none", "3", "admin") "= certificates none\n= unreadable none\n" },
  { "gids", "empty", "A card that was filled, and has no container; the virtual token", fill_nothing, FALSE,
    GIDS (GIDS_SERIAL, "3", "admin") "= certificates none\n= unreadable none\n" },
  { "gids", "one-container", "A card with one certificate, packed: short APDUs, GET RESPONSE; the virtual token",
    fill_one_container, FALSE,
    GIDS (GIDS_SERIAL, "3", "admin") "= certificates kxc00\n= holders 张三\n= keys RSA 2048\n= unreadable none\n" },
  { "gids", "containers",
    "Four containers: one for signatures, one out of use, the default one, one whose certificate is not packed; the "
    "virtual token",
    fill_containers, FALSE, CONTAINERS },
  { "gids", "t0", "The same with T=0", fill_containers, TRUE, CONTAINERS },
  { "gids", "pulled", "The same, pulled in the middle of the second certificate", fill_containers_pulled, FALSE,
    "= error token-removed\n" },
  { "gids", "spoilt", "The same with a stream that cannot be unpacked, without a serial number, its PIN blocked",
    fill_containers_spoilt, FALSE,
    GIDS ("none", "0", "admin") "= certificates kxc02|kxc03\n= holders 张三|Zhang San\n= unreadable ksc00\n" },
  { "gids", "version-1", "A PUK, the tries of version 1, extended APDUs; the virtual token", fill_version_1, FALSE,
    GIDS (GIDS_SERIAL, "2", "puk") "= unlock-tries 2\n= certificates kxc00\n= unreadable none\n" },
  { "gids", "yes-to-everything", "No GIDS card: it says 9000 to whatever it is asked; the virtual token", fill_yes,
    FALSE, "= error token-unknown\n" },
  { "pkcs15", "empty", "A card with a PIN and a PUK and no certificates; the virtual token", fill_pkcs15_empty, FALSE,
    PKCS15 ("3", "3") "= certificates none\n= unreadable none\n" },
  { "pkcs15", "blank", "A card with the application and no file in it; the virtual token", fill_nothing, FALSE,
    "= label none\n= serial none\n= certificates none\n= unreadable none\n" },
  { "pkcs15", "three-certificates", "A card with three certificates: short APDUs, whole paths; the virtual token",
    fill_pkcs15_three, FALSE, PKCS15_THREE },
  { "pkcs15", "extended", "The same with extended APDUs", fill_pkcs15_extended, FALSE, PKCS15_THREE },
  { "pkcs15", "t0", "The same with T=0", fill_pkcs15_three, TRUE, PKCS15_THREE },
  { "pkcs15", "pulled", "The same, pulled in the middle of the second certificate", fill_pkcs15_pulled, FALSE,
    "= error token-removed\n" },
  { "pkcs15", "blocked", "A card whose PIN is blocked, with a PUK; the virtual token", fill_pkcs15_blocked, FALSE,
    PKCS15 ("0", "2") "= certificates 01\n= holders 张三\n= unreadable none\n" },
  { "pkcs15", "direct",
    "A card that does not know its application by name, with a certificate in its directory; the virtual token",
    fill_pkcs15_direct, FALSE,
    PKCS15 ("3", "3") "= certificates #1\n= holders Zhang San\n= roles other\n= unreadable none\n" },
  { "pkcs15", "spoilt",
    "A card that takes its paths step by step, with a spoilt certificate and one that is not there; the virtual token",
    fill_pkcs15_spoilt, FALSE,
    PKCS15 ("3", "3") "= certificates 01|04\n= holders Zhang San|Zhang San 3\n= unreadable 02\n" },
  { "pkcs15", "yes-to-everything", "No PKCS#15 card: it says 9000 to whatever it is asked; the virtual token", fill_yes,
    FALSE, "= error token-unknown\n" },
  { NULL },
};
