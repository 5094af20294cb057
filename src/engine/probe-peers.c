/* Who is at the other end of a UNIX socket: the kernel's socket monitoring, see sock_diag(7). It answers at once, and
 * asks for no privilege. */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe-part.h"

#define ALL_STATES G_MAXUINT32
#define NO_COOKIE  G_MAXUINT32

int
probe_peers_open (void)
{
  return socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
}

/* The error that ANSWER tells of, as errno; 0 where it is another message. */
static int
get_error (const struct nlmsghdr *answer)
{
  const struct nlmsgerr *error = NLMSG_DATA (answer);

  return answer->nlmsg_type == NLMSG_ERROR && answer->nlmsg_len >= NLMSG_LENGTH (sizeof *error) ? -error->error : 0;
}

/* The number that ANSWER has as attribute TYPE, 0 where it has none. */
static guint64
parse (const struct nlmsghdr *answer, gssize length, int type)
{
  const struct unix_diag_msg *message = NLMSG_DATA (answer);
  const struct rtattr *attribute = (const struct rtattr *) (message + 1);
  gssize left;

  if (!NLMSG_OK (answer, length))
    return PROBE_PEERS_NOT_TOLD;
  if (answer->nlmsg_type != SOCK_DIAG_BY_FAMILY || answer->nlmsg_len < NLMSG_LENGTH (sizeof *message))
    return get_error (answer) == ENOENT ? 0 : PROBE_PEERS_NOT_TOLD;
  left = answer->nlmsg_len - NLMSG_LENGTH (sizeof *message);
  for (; RTA_OK (attribute, left); attribute = RTA_NEXT (attribute, left))
    if (attribute->rta_type == type && RTA_PAYLOAD (attribute) >= sizeof (guint32))
      return *(const guint32 *) RTA_DATA (attribute);
  return 0;
}

/* The attribute TYPE of the socket INODE, which is there when it is asked for by SHOW. */
static guint64
ask (int fd, guint64 inode, guint32 show, int type)
{
  struct
  {
    struct nlmsghdr header;
    struct unix_diag_req request;
  } question = {
    .header = { .nlmsg_len = sizeof question, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST },
    .request = { .sdiag_family = AF_UNIX,
                 .udiag_states = ALL_STATES,
                 .udiag_ino = (guint32) inode,
                 .udiag_show = show,
                 .udiag_cookie = { NO_COOKIE, NO_COOKIE } },
  };
  union
  {
    struct nlmsghdr header;
    char bytes[1024];
  } answer;
  gssize length;

  if (inode == 0)
    return 0; /* the service has not let it in yet */
  if (inode > G_MAXUINT32 || send (fd, &question, sizeof question, 0) != sizeof question)
    return PROBE_PEERS_NOT_TOLD;
  length = recv (fd, &answer, sizeof answer, 0);
  return length > 0 ? parse (&answer.header, length, type) : PROBE_PEERS_NOT_TOLD;
}

guint64
probe_peers_find (int fd, guint64 inode)
{
  return ask (fd, inode, UDIAG_SHOW_PEER, UNIX_DIAG_PEER);
}

/* Linux before 5.3 does not tell it, and says 0. */
guint32
probe_peers_get_user (int fd, guint64 inode)
{
  return (guint32) ask (fd, inode, UDIAG_SHOW_UID, UNIX_DIAG_UID);
}
