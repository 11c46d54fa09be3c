/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * circuit.h - a stream through the guest and back: our end A, a node, a helper that copies, another
 * node, our end B; every byte that comes out of B is compared with what went into A
 *
 * At most a window of bytes is on its way, so what an interruption may cost is known: what was sent
 * and had not come back when it began. Then a piece of the stream is sent and has to come back
 * whole (circuit_settle()): what lies behind the interruption pays nothing.
 *
 * DOC: the mark
 *
 * Nobody reads a port's backend while the guest has the port closed, or has no room
 * (hw/char/virtio-console.c chr_can_read(), hw/char/virtio-serial-bus.c
 * virtio_serial_guest_ready()): what is in our socket stays there. circuit_mark() says that the
 * interruption has taken effect, so far that nobody reads, and sends more: from this byte on
 * everything has to come back, although the interruption goes on. Where it is known that nobody
 * will read even before, circuit_brim() makes sure that nobody does: everything between the ends
 * is full, and what is sent then lies in the socket from the beginning of the interruption to its
 * end.
 */
#ifndef STREAMS_CIRCUIT_H
#define STREAMS_CIRCUIT_H

#include "harness/run/traffic.h"

#define CIRCUIT_SEED	77
#define CIRCUIT_PROBE	4096
#define CIRCUIT_MARK	(32U << 10)  /* bytes sent at a mark, at the most */
#define CIRCUIT_TAIL	(128U << 10) /* and kept of what comes */
#define CIRCUIT_WARM_UP 1024

/**
 * struct circuit - The stream
 * @a, @b:	our ends: what we send into, what comes back
 * @from, @to:	their nodes in the guest
 * @rig:	where the guest is
 * @helper:	who copies; NULL: it runs by itself in the guest, and outlives a QEMU
 * @window:	so many bytes are on their way at the most
 * @sent, @got:	bytes that went into A, bytes that came out of B
 * @lost:	bytes that did not and will not come, as of the last circuit_settle()
 * @plugs:	processors or pieces of memory that were plugged
 * @opens:	how often the helper has opened @from and @to
 * @anew:	B was opened, and nothing has come from there since
 * @tail:	the last bytes that came, and how many of them there are
 * @mark:	if @marked: from this byte of the stream on all of them have to come
 * @usual_room:	and before, so much fitted into A's socket
 * @brimful:	everything is full and stays so: from B nothing is taken
 * @unmarked:	no marks and no brim now
 * @what:	what is going on, for a failure's reason
 */
struct circuit {
	struct trial *t;
	struct rig *rig;
	struct chr *a, *b;
	const char *from, *to;
	struct payload payload;
	struct damage damage;
	struct helper *helper;
	uint64_t window, sent, got, lost;
	unsigned int opens[2], plugs;
	unsigned char tail[2 * CIRCUIT_TAIL];
	size_t n_tail;
	uint64_t mark;
	int usual_room;
	bool anew, marked, brimful, unmarked;
	const char *what;
};

enum circuit_side { CIRCUIT_FROM, CIRCUIT_TO };

/* The ports as they are plugged, and plugged again. */
#define CIRCUIT_CONTROLLER "virtio-serial-pci,id=ser0,addr=0x5"

/** circuit_plan() - Two of the trial's device, on two of its backend (unix: no such axis) */
void circuit_plan(const struct variant *v, struct plan *plan);
/** circuit_plan_next() - The same on backends of their own, "da" and "db", for it to move to */
void circuit_plan_next(const struct variant *v, struct plan *plan);
/** circuit_port() - Such a device as behind -device; malloc'ed */
char *circuit_port(const struct variant *v, enum circuit_side side);

/** circuit_node() - The node of a side in the guest */
const char *circuit_node(const struct variant *v, enum circuit_side side);
/** circuit_is_port(), circuit_is_uart() - They are virtserialports, as they are without an axis
 * "device"; they are something that has a speed */
bool circuit_is_port(const struct variant *v);
bool circuit_is_uart(const struct variant *v);
/** circuit_window() - How many bytes are on their way at the most */
uint64_t circuit_window(const struct variant *v);

/** circuit_init() - Nothing is up, and nothing sent */
void circuit_init(struct circuit *r, struct trial *t, struct chr *a, struct chr *b);
/** circuit_start() - Everything is up, our ends are open, the helper has both nodes, and bytes
 * have come round */
void circuit_start(struct circuit *r, struct trial *t);
/** circuit_start_apart() - The same, with a helper that runs by itself, on two host ends that are
 * open and two ports that are plugged */
void circuit_start_apart(struct circuit *r, struct trial *t, struct chr *a, struct chr *b);
/** circuit_again_apart() - The guest has started anew: so does that helper */
void circuit_again_apart(struct circuit *r);
/** circuit_stop() - That helper stands still. circuit_hold(): and what is sent now, more than the
 * driver has in one buffer, lies unread in the guest, and nothing in our socket. circuit_let_go():
 * it goes on */
void circuit_stop(struct circuit *r);
void circuit_hold(struct circuit *r);
void circuit_let_go(struct circuit *r);
/** circuit_end_apart() - That helper ends, and has written all that it read; all that was sent,
 * unless @may_lose */
void circuit_end_apart(struct circuit *r, bool may_lose);
/** circuit_did_apart() - Shell lines that do what circuit_start_apart() does, on the sockets of the
 * script (see move.c), and functions to go on with: pour N, rest, hold, let_go, stall, finish */
void circuit_did_apart(struct circuit *r);
/** circuit_release() - After circuit_finish() */
void circuit_release(struct circuit *r);
/** circuit_flow() - Until so many more bytes have come back */
void circuit_flow(struct circuit *r, uint64_t bytes);
/** circuit_get_going() - circuit_flow() of @windows; the stream is whole so far, and a good part of
 * the window is on its way */
void circuit_get_going(struct circuit *r, unsigned int windows);
/** circuit_touch() - Send and take what can be, without waiting */
void circuit_touch(struct circuit *r);
/** circuit_rest() - QEMU has done what it was given, and does nothing more by itself.
 * circuit_take_all(): and nothing more comes, for what came our end takes, and gives nothing */
void circuit_rest(struct circuit *r);
void circuit_take_all(struct circuit *r);
/** circuit_pour() - Send so many more bytes, whatever the window, and take none, until QEMU has
 * read all of them from our socket */
void circuit_pour(struct circuit *r, uint64_t bytes);
/** circuit_receiver_told() - What QEMU tells of the port that bytes come out of */
struct port_told circuit_receiver_told(struct circuit *r);
/** circuit_stall() - Send, and take nothing, until QEMU holds the guest up (the port is throttled).
 * Then there are bytes in every buffer, and an element of the queue that the backend refused */
void circuit_stall(struct circuit *r);
/** circuit_take_ready() - Take what lies in our end's socket at this moment, and not a byte that
 * QEMU writes there meanwhile; the number of bytes */
size_t circuit_take_ready(struct circuit *r);
/** circuit_await_accepted() - If B was opened anew: until bytes come from there, for which some are
 * sent. A connection may be made long before QEMU takes it, and it takes those first that came
 * and went before; until then what the guest writes is lost */
void circuit_await_accepted(struct circuit *r);
/** circuit_brim() - Send until QEMU reads no more from our socket; from here on everything has to
 * come. A port over a unix socket only, else nothing is done: a console and a UART drop what nobody
 * takes, and tcp keeps to itself what was read. Nothing is taken before the next circuit_mark(),
 * circuit_await_accepted() or circuit_settle(); or the helper that runs by itself stands still
 * until circuit_let_go(), and what goes out of the guest is not held up: a writer that waits for
 * room while the driver is frozen waits for ever (linux/drivers/char/virtio_console.c
 * virtcons_restore() leaves outvq_full as it was) */
void circuit_brim(struct circuit *r);
/** circuit_can_brim() - Whether it does something */
bool circuit_can_brim(const struct circuit *r);
/** circuit_mark() - Nobody reads what is sent now: from here on, or from an earlier mark on,
 * everything has to come */
void circuit_mark(struct circuit *r);
/** circuit_settle() - What is sent from the mark on, or if there is none from now on, comes back
 * whole; then what has not come back is lost: none, unless @may_lose */
void circuit_settle(struct circuit *r, bool may_lose);
/** circuit_on_the_way() - Bytes sent that have neither come back nor are known to be lost */
uint64_t circuit_on_the_way(const struct circuit *r);
/** circuit_open_host() - Our end, if it is not open */
void circuit_open_host(struct circuit *r, struct chr *c);
/** circuit_await_node() - The node of a pci-serial, which is there before its device is, has it */
void circuit_await_node(struct circuit *r, enum circuit_side side);
/** circuit_close_node(), circuit_open_node() - The helper closes it; opens it, once it is there */
void circuit_close_node(struct circuit *r, enum circuit_side side);
void circuit_open_node(struct circuit *r, enum circuit_side side);
/** circuit_await_gone() - The helper notices that the node was taken away */
void circuit_await_gone(struct circuit *r, enum circuit_side side);
/** circuit_drop_node() - The node was taken away: the helper has noticed, or closes it now (it
 * looks at one only while it has something to read or write there) */
void circuit_drop_node(struct circuit *r, enum circuit_side side);
/** circuit_finish() - The helper ends; nothing was repeated, moved, changed or invented, and unless
 * @may_lose nothing lost; behind the last byte comes nothing more */
void circuit_finish(struct circuit *r, bool may_lose);

#endif
