/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helper.h - what the verbs of chardev-helper share.
 *
 * The program runs in the guest. It shares no code with the harness on purpose: both ends of a
 * transfer compute the payload and its checksum, and a mistake in one must not hide in the other.
 */
#ifndef HELPER_H
#define HELPER_H

#ifndef _GNU_SOURCE
#error "compile with -D_GNU_SOURCE"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	EXIT_OK = 0,
	EXIT_NOT_OK = 1, /* at least one "not ok" */
	EXIT_BAIL = 2,	 /* "Bail out!": the verb could not do its work */
	EXIT_USAGE = 100,
	EXIT_SYSTEM = 111, /* a system call failed in a verb that does not speak TAP */
};

#define MARKER_LEN 16

/* main.c, util.c: messages of the shape "chardev-helper: fatal: unable to X: ERRNAME" */

#define PRINTF(a, b) __attribute__((format(printf, a, b)))
#define NORETURN     __attribute__((noreturn))

NORETURN PRINTF(1, 2) void usage_error(const char *fmt, ...);
NORETURN PRINTF(1, 2) void fatal(const char *fmt, ...);
const char *errno_name(int err);
void *must_alloc(size_t size);
bool write_all(int fd, const void *buf, size_t len);
uint64_t now_ms(void);

/* opt.c */

enum opt_type { OPT_FLAG, OPT_U64, OPT_SIZE, OPT_STR, OPT_MARKER };

/**
 * struct opt - one "--name [value]" of a verb
 * @name: without the dashes
 * @type: how the value reads; OPT_SIZE is 1 .. 64 MiB, OPT_MARKER is 32 hex digits
 * @value: bool, uint64_t, size_t, const char * or uint8_t[MARKER_LEN], by @type
 * @required: leaving it out is a usage error
 * @seen: set when the option was given
 */
struct opt {
	const char *name;
	enum opt_type type;
	void *value;
	bool required;
	bool seen;
};

void opt_parse(struct opt *opts, size_t n_opts, char **argv, const char **operands,
	       size_t n_operands, size_t n_needed);

/* tap.c: TAP version 14 on stdout, a line at a time, safe to call from any thread */

void tap_begin(void);
PRINTF(2, 3) void tap_ok(bool ok, const char *fmt, ...);
PRINTF(1, 2) void tap_diag(const char *fmt, ...);
NORETURN PRINTF(1, 2) void tap_bail(const char *fmt, ...);
int tap_done(void);

/* leash.c */

void leash_wait_go(void);
void leash_start(void);

/* node.c */

/**
 * struct node_opts - how to open the device under test
 * @flags: value of --open-flags, or NULL
 * @baud: value of --baud, 0 to leave the line speed alone
 * @await_host: --await-host: go on only once the host's end is open
 */
struct node_opts {
	const char *flags;
	uint64_t baud;
	bool await_host;
};

void node_check(const struct node_opts *opts);
int node_try_open(const char *path, int flags, uint64_t baud);
int node_open(const char *path, int mode, const struct node_opts *opts);
bool node_await_host(int fd);
void node_close(int fd, const char *path);

/* stream.c */

#define STREAM_LAP 65521
/* stream_fill() is at its best with as many bytes as this at a time. */
#define STREAM_RUN (4 * STREAM_LAP)

/**
 * struct stream - the payload of one seed; the value of a byte depends on its offset alone
 * @seed: which stream
 * @table: the bytes of lap 0; later laps are this, XORed with a word that depends on the lap
 */
struct stream {
	uint64_t seed;
	uint8_t table[STREAM_LAP];
};

struct stream *stream_new(uint64_t seed);
uint64_t stream_key(const struct stream *st, uint64_t lap);
void stream_fill(const struct stream *st, uint64_t off, void *dst, size_t len);
size_t stream_match(const struct stream *st, uint64_t off, const void *buf, size_t len);

/* crc.c: POSIX cksum */

/*
 * Keeps the compiler from merging neighbours into 128 bit operations: TCG stores such a value as
 * two halves and reads it back as a whole, which stalls the real CPU and takes three times as long.
 */
#define STAY_SCALAR() __asm__ volatile("" : : : "memory")

#define CRC_WORDS 300

/**
 * struct crc - a running POSIX cksum; all zeroes to begin with
 * @hist: the latest words, with everything before them folded in
 * @part: the bytes that do not make a word yet
 * @len: bytes so far
 */
struct crc {
	uint64_t hist[CRC_WORDS];
	uint8_t part[8];
	uint64_t len;
};

void crc_add(struct crc *crc, const void *buf, size_t len);
uint32_t crc_value(const struct crc *crc);
uint32_t crc_reg_add(uint32_t reg, const void *buf, size_t len);
uint32_t crc_reg_times(uint32_t a, uint32_t b);
uint32_t crc_reg_end(uint32_t reg, uint64_t len);

/* stream_cksum.c */

uint32_t stream_cksum(const struct stream *st, uint64_t len);

/* damage.c */

#define DAMAGE_WINDOW 16
#define DAMAGE_RUNS   16

/**
 * struct damage - what became of a stream on its way
 * @st: what was sent
 * @total: bytes sent
 * @seen: bytes received and judged so far
 * @pos: offset in the sent stream of the byte expected next
 * @bad: a byte other than the expected one came
 * @first_bad: where, as an offset in the received stream
 * @window: the bytes that came from the latest mismatch on, until they can be searched for
 * @n_window: how many
 * @want: the bytes expected at @first_bad
 * @have: the bytes that came there
 * @n_have: how many of them
 * @run: the parts of the sent stream, [from, to), in the order in which they came; each may be
 *       preceded by bytes that are foreign to the stream
 * @n_run: how many, the last one open
 * @budget: bytes that may still be searched
 * @gave_up: so much damage that following it further is pointless
 */
struct damage {
	const struct stream *st;
	uint64_t total, seen, pos;
	bool bad;
	uint64_t first_bad;
	uint8_t window[DAMAGE_WINDOW];
	size_t n_window;
	uint8_t want[DAMAGE_WINDOW], have[DAMAGE_WINDOW];
	size_t n_have;
	struct {
		uint64_t at, from, to, foreign;
	} run[DAMAGE_RUNS];
	size_t n_run;
	uint64_t budget;
	bool gave_up;
};

void damage_init(struct damage *d, const struct stream *st, uint64_t total);
void damage_feed(struct damage *d, const void *buf, size_t len);
void damage_report(struct damage *d, const char *prefix);

/* tx.c, rx.c: the two halves of a transfer */

/**
 * struct tx - a stream to write
 * @fd: where to, blocking or not
 * @prefix: put before every test description and diagnostic, "" or "tx: "
 * @seed: payload seed
 * @bytes: payload length
 * @block: bytes offered to one write()
 * @rate: bytes a second at the most, spread evenly; 0: no limit
 * @marker: MARKER_LEN bytes written after the payload, or NULL
 * @sum: also adds the payload to this cksum, or NULL
 */
struct tx {
	int fd;
	const char *prefix;
	uint64_t seed, bytes, rate;
	size_t block;
	const uint8_t *marker;
	struct crc *sum;
};

/**
 * struct rx - a stream to read and judge
 * @fd: where from, blocking or not
 * @prefix: put before every test description and diagnostic, "" or "rx: "
 * @seed: payload seed
 * @bytes: payload length
 * @block: most bytes asked of one read()
 * @marker: MARKER_LEN bytes expected right after the payload, or NULL
 * @sum: also adds the bytes before the marker to this cksum, or NULL
 */
struct rx {
	int fd;
	const char *prefix;
	uint64_t seed, bytes;
	size_t block;
	const uint8_t *marker;
	struct crc *sum;
};

void tx_run(const struct tx *tx);
void rx_run(const struct rx *rx);

/* stall.c */

struct stall;
struct stall *stall_watch(const char *prefix);
void stall_enter(struct stall *s, uint64_t offset);
void stall_end(struct stall *s);

/* link.c: a symbolic link as udev would make it */

bool link_clean_name(const char *name, char *out, size_t size);

/* fops.c, fops_calls.c, fops_events.c, fops_epoll.c, fops_process.c, fops_usb.c: call by call, by a
 * script */

#define FOPS_PORTS   4
#define FOPS_SLOTS   8
#define FOPS_WORKERS 4
#define FOPS_RESULT  160

/**
 * struct fops_port - a node, and what passed it
 * @path: of the node
 * @rx: what the host sends; @tx: what we send
 * @got: bytes of @rx so far; @sent: bytes of @tx so far
 */
struct fops_port {
	const char *path;
	struct stream *rx, *tx;
	uint64_t got, sent;
};

/**
 * struct fops_slot - a descriptor, under the name of a letter
 * @fd: -1: none
 * @port: of which node
 * @async: it gives signals: 'p' SIGIO, 'r' one that is queued with its sender, 0 none
 * @signals: how many came since they were last asked for
 * @mask: SIGIO: what poll() said within the last one; else the bands that they told, together
 */
struct fops_slot {
	int fd;
	struct fops_port *port;
	volatile char async;
	volatile int signals;
	volatile short mask;
};

/** struct fops_call - one call: its words, and what it gave */
struct fops_call {
	const char *word[8];
	int n;
	char result[FOPS_RESULT];
};

extern struct fops_port fops_ports[FOPS_PORTS];
extern struct fops_slot fops_slots[FOPS_SLOTS];

void fops_run(struct fops_call *c);
PRINTF(2, 3) void fops_result(struct fops_call *c, const char *fmt, ...);
void fops_result_n(struct fops_call *c, ssize_t n);
struct fops_slot *fops_slot(const struct fops_call *c, int word);
uint64_t fops_number(const struct fops_call *c, int word);
pid_t fops_worker_tid(char name);
bool fops_run_event(struct fops_call *c);
void fops_result_mask(struct fops_call *c, int n, short mask);
short fops_parse_mask(const char *text);
void fops_poll(struct fops_call *c, int fd, short events, bool wait);
bool fops_run_epoll(struct fops_call *c);
void fops_signals_init(void);
int fops_interrupted(void);
bool fops_run_process(struct fops_call *c);
bool fops_run_usb(struct fops_call *c);

/* the verbs: argv[0] is the verb's name; the return value is the exit status */

int verb_send(char **argv);
int verb_recv(char **argv);
int verb_duplex(char **argv);
int verb_payload(char **argv);
int verb_cksum(char **argv);
int verb_wait_path(char **argv);
int verb_wait_gone(char **argv);
int verb_uevents(char **argv);
int verb_entropy(char **argv);
int verb_loop(char **argv);
int verb_hold(char **argv);
int verb_copy(char **argv);
int verb_outb(char **argv);
int verb_agent(char **argv);
int verb_fops(char **argv);
int verb_has_fd(char **argv);

#endif
