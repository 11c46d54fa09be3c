/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chr.h - the host end of a character backend: raw bytes, under a deadline, nothing blocking
 *
 * A host end is made before QEMU has the backend (chr_init prepares what must exist first: a
 * listening socket, FIFOs, a bound datagram socket), then chr_open() connects to it. All paths are
 * relative to the trial's folder, which is QEMU's and our working directory, so that no path can be
 * too long for a socket and two runs can never meet.
 *
 * DOC: how each kind meets QEMU
 *
 * unix: whoever listens makes ID.sock. When that is QEMU, chr_open() waits for the file to appear.
 *
 * tcp: QEMU listening on port 0 tells the port in query-chardev (chr_learn()). A QEMU that blocks
 * until we connect (CHR_QEMU_WAITS) cannot tell anything, so chr_init() binds and listens, and QEMU
 * gets that socket: on the command line as fd=N (@pass_fd must be inherited: struct proc_spec's
 * pass), with chardev-add under the name ID (send getfd with fdname ID and @pass_fd first).
 * chr_open() needs no answer to chardev-add, which comes only after it. It closes our @pass_fd.
 *
 * udp: QEMU's port has to be named before QEMU binds it. chr_init() binds a socket of its own to a
 * port that the kernel chooses, and only then sets SO_REUSEADDR: so nobody is given that port, and
 * QEMU, which sets SO_REUSEADDR before it binds, can share it. The kernel prefers a connected
 * socket, QEMU's; what we send before QEMU is there, or after it has gone, ends in the placeholder:
 * it is dropped, as datagrams are, without an error. There is no end of file (chr_no_more()). Where
 * the kernel chooses QEMU's port, nothing can be sent until QEMU's first datagram has been read.
 *
 * pty: the slave's name comes from chardev-add or query-chardev (chr_learn()). What QEMU wrote and
 * nobody read yet is lost when QEMU ends: the kernel flushes a hung-up terminal.
 *
 * pipe: chr_init() makes the FIFOs ID.in and ID.out; chr_open() waits for QEMU to open both, so
 * that an end of file later on means that QEMU has gone.
 *
 * file: chr_init() makes an empty ID.out, which is read as it grows. With @file_input set before
 * chr_cmdline() or chr_qmp(), QEMU reads from the FIFO ID.in (input-path, command line: QEMU
 * >= 8.1). A file has no end while it may grow: chr_no_more(). ID.out stays behind as evidence.
 *
 * serial: QEMU opens a terminal of the host by its path, and sets its speed and format as the guest
 * wants them. chr_init() makes a pty and gives QEMU the slave; our end is the master, whose
 * tcgetattr() tells the slave's settings (but Linux keeps a pty at eight bits without parity:
 * drivers/tty/pty.c pty_set_termios()).
 *
 * chr_init() ignores SIGPIPE in this process: writing to a FIFO without a reader is CHR_EOF.
 */
#ifndef HOST_CHR_H
#define HOST_CHR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"

enum chr_kind { CHR_UNIX, CHR_TCP, CHR_UDP, CHR_PTY, CHR_PIPE, CHR_FILE, CHR_SERIAL };

/** enum chr_role - Who listens; only unix and tcp have the choice */
enum chr_role {
	CHR_QEMU_LISTENS, /* server=on,wait=off */
	CHR_QEMU_WAITS,	  /* server=on,wait=on: QEMU blocks until we connect */
	CHR_QEMU_CONNECTS /* server=off: we listen */
};

/** enum chr_udp_form - Which of its addresses QEMU is told (udp); host and port are ours, always */
enum chr_udp_form {
	CHR_UDP_LOCAL,	   /* localaddr=127.0.0.1 and localport */
	CHR_UDP_REMOTE,	   /* no more: the kernel chooses QEMU's port */
	CHR_UDP_LOCALADDR, /* localaddr=127.0.0.2, and the kernel chooses its port */
	CHR_UDP_LOCALPORT, /* localport */
	CHR_UDP_IPV4,	   /* host=localhost,ipv4=on and localport */
	CHR_UDP_IPV6,	   /* host=::1,ipv6=on,localaddr=::1 and localport */
};

/**
 * struct chr_fault - Our own end misbehaves, to prove that a case notices
 * @kind:	what to do to the bytes that we receive (and, for @on_write, that we send)
 * @at:		stream offset where it happens
 * @len:	how many bytes are dropped, repeated, swapped with the next @len, or changed
 * (inverted)
 */
struct chr_fault {
	enum {
		CHR_FAULT_NONE,
		CHR_FAULT_DROP,
		CHR_FAULT_REPEAT,
		CHR_FAULT_SWAP,
		CHR_FAULT_FLIP
	} kind;
	uint64_t at;
	size_t len;
	bool on_write;
};

/** chr_fault_parse() - "read:drop@65536+4096", "write:repeat@0+1", "read:swap@..", "read:flip@..";
 * false when it is none of them */
bool chr_fault_parse(struct chr_fault *f, const char *text);

/**
 * struct chr - One host end
 * @id:		the chardev's id in QEMU; also the stem of its paths
 * @kind:	backend
 * @role:	who listens
 * @fd:		where bytes come from and go to, non-blocking; -1 while not open
 * @out_fd:	where bytes go to, when that is another descriptor (pipe, file's input); else -1
 * @listen_fd:	our listening socket (CHR_QEMU_CONNECTS), or -1
 * @port:	tcp: the port QEMU listens on or connects to (0: not known yet). udp: our port
 * @qemu_port:	udp: QEMU's port (localport)
 * @pass_fd:	tcp, CHR_QEMU_WAITS: the listening socket that QEMU has to be given, or -1
 * @file_input:	file: QEMU gets an input as well; set it before chr_cmdline() or chr_qmp()
 * @options:	more options for the command line ("logfile=c0.log"), or NULL; not owned
 * @members:	the same as members of QMP's data object ("\"reconnect-ms\": 1"), or NULL; not owned
 * @udp_form:	udp: see chr_udp_form()
 * @path:	udp: QEMU's address ("127.0.0.1:4711"), once it is known; unix socket; pty and serial:
 *		the slave's name; file: output file; pipe: stem of .in and .out
 * @fault:	misbehaviour asked for
 * @left:	how often our end was closed so far
 * @sent, @received: bytes that the caller handed over or got so far, over all connections
 * @first_sent, @first_received: the first bytes (at most CHR_FIRST), for the evidence
 *
 * What is counted and kept is what the caller sees: before faulty writing, after faulty reading.
 */
#define CHR_FIRST 4096
struct chr {
	char *id;
	enum chr_kind kind;
	enum chr_role role;
	int fd, out_fd, listen_fd;
	int port, qemu_port;
	int pass_fd;
	bool file_input;
	enum chr_udp_form udp_form;
	const char *options, *members;
	char *path;
	struct chr_fault fault;
	unsigned left;
	uint64_t sent, received;
	struct buf first_sent, first_received;
	struct chr_private *priv;
};

/** chr_kind_parse() - "unix", "tcp", "udp", "pty", "pipe", "file", "serial"; false: no */
bool chr_kind_parse(const char *name, enum chr_kind *kind);
/** chr_kind_backend() - QEMU's name for the backend: "socket", "udp", "pty", "pipe", .. */
const char *chr_kind_backend(enum chr_kind kind);

/** chr_init() - Prepare a host end in the current folder; breakages die. @id is a letter and then
 * letters, digits, "-", "_", ".", so that it needs no quoting anywhere */
void chr_init(struct chr *c, const char *id, enum chr_kind kind, enum chr_role role);
/** chr_release() - Close everything, remove what chr_init made */
void chr_release(struct chr *c);

/** chr_cmdline() - Append what goes behind -chardev for this end ("socket,id=c0,path=c0.sock,..")
 */
void chr_cmdline(const struct chr *c, struct buf *b);
/** chr_qmp() - Append the arguments of QMP chardev-add for this end, as a JSON object */
void chr_qmp(const struct chr *c, struct buf *b);
/** chr_qmp_backend() - The same's member "backend", which chardev-change takes, too */
void chr_qmp_backend(const struct chr *c, struct buf *b);
/** chr_learn() - Take from query-chardev's filename (or chardev-add's pty, or QEMU's line "QEMU
 * waiting for connection on: ..") what only QEMU knows: the tcp port of a server on port 0, the
 * pty's slave. False when it is not in there */
bool chr_learn(struct chr *c, const char *filename);
/** chr_needs_learning() - chr_learn() must come before chr_open() */
bool chr_needs_learning(const struct chr *c);

/** chr_open() - Connect, accept, open the slave, or open the files. False: *why says what failed or
 * that the deadline passed (an answer, not a breakage) */
bool chr_open(struct chr *c, struct deadline d, struct buf *why);
/** chr_close() - Close the connection (listening socket and files stay): QEMU sees us leave */
void chr_close(struct chr *c);
/** chr_shutdown() - Half-close: no more bytes from us (unix, tcp); false: this kind cannot */
bool chr_shutdown(struct chr *c);
bool chr_is_open(const struct chr *c);
/** chr_no_more() - QEMU is gone: from now on "nothing there" is the end of file. For the kinds that
 * cannot tell (file, udp); the others come to the same end */
void chr_no_more(struct chr *c);

/** chr_udp_form() - Other addresses than chr_init() took (CHR_UDP_LOCAL); before chr_cmdline() or
 * chr_qmp() */
void chr_udp_form(struct chr *c, enum chr_udp_form form);
/** chr_udp_options() - Append the options of that form for other ports than ours (repro.sh) */
void chr_udp_options(enum chr_udp_form form, int port, int qemu_port, struct buf *b);
/** chr_udp_has_ipv6() - This host has ::1 */
bool chr_udp_has_ipv6(void);
/** chr_host_drops() - udp: datagrams that the host's kernel dropped because a socket of either end
 * was full (/proc/net/udp); 0 for other kinds */
unsigned long chr_host_drops(const struct chr *c);

#define CHR_EOF	    (-1) /* the other end closed (also a pty hang-up, a connection reset) */
#define CHR_TIMEOUT (-2)

/** chr_try_read() - What is there now: >0 bytes; 0 nothing yet; CHR_EOF. Poll chr_poll_in() only
 * after it returned 0: bytes may be waiting in here */
ssize_t chr_try_read(struct chr *c, void *buf, size_t len);
/** chr_read() - As chr_try_read, but wait for something until the deadline (CHR_TIMEOUT) */
ssize_t chr_read(struct chr *c, void *buf, size_t len, struct deadline d);
/** chr_read_exact() - Exactly @len bytes; fewer when CHR_EOF or the deadline came first: the count
 */
size_t chr_read_exact(struct chr *c, void *buf, size_t len, struct deadline d);
/** chr_read_until() - Add what comes to @got until it has @text; false: CHR_EOF or the deadline
 * came first */
bool chr_read_until(struct chr *c, struct buf *got, const char *text, struct deadline d);
/** chr_try_write() - What fits now: >0 bytes; 0 nothing fits; CHR_EOF. udp: one datagram of at most
 * CHR_DATAGRAM bytes a call. file without @file_input: CHR_EOF */
ssize_t chr_try_write(struct chr *c, const void *buf, size_t len);
/** chr_write_all() - All of it; fewer when CHR_EOF or the deadline came first: the count */
size_t chr_write_all(struct chr *c, const void *buf, size_t len, struct deadline d);
#define CHR_DATAGRAM 1024
/** chr_poll_in() and chr_poll_out() - The descriptor to poll for it; -1 while not open */
int chr_poll_in(const struct chr *c);
int chr_poll_out(const struct chr *c);

#endif
