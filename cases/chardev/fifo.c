// SPDX-License-Identifier: GPL-2.0-or-later
/* fifo.c - hosts at a pipe or a terminal that do not read, send all at once, leave and come back */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/host.h"

#define STALL_BYTES (1u << 20) /* more than a FIFO or a terminal of Linux holds */
#define UART_BYTES  20000
#define FLOOD	    200001
#define AFTER	    200
#define SEED	    91
/* QEMU may not keep what its host does not take: at most a few buffers of it. */
#define MEMORY_KIB 512

CASE(peer_stalled, .id = "peer.stalled",
     .title =
	     "a host that does not read stalls the device and not QEMU, which keeps none of it; when "
	     "it reads again, all that the device let go comes once and in order",
     .clause = "qemu/chardev/char-fd.c fd_chr_add_watch(); qemu/hw/char/virtio-console.c "
	       "flush_buf()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "chardev", NULL}, .plan = host_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = host_connected(b);
	bool virtio = front_kind_is_virtio(b->front->kind);
	struct buf out = BUF_INIT, got = BUF_INIT;
	unsigned long kib;
	size_t took;

	/* A UART fills 64 KiB only slowly. */
	if (!virtio)
		CHECK(t, fcntl(s.chr->fd, F_SETPIPE_SZ, 4096) > 0, "a FIFO has one size only");
	host_payload(&out, SEED, virtio ? STALL_BYTES : UART_BYTES);
	kib = bare_memory(b);
	took = bare_push(b, b->front, out.data, out.len);
	CHECK(t, took < out.len, "a host that does not read has taken %zu bytes", took);
	trial_note(t, "stalled after %zu bytes, %lu KiB before, %lu now", took, kib,
		   bare_memory(b));
	CHECK(t, bare_memory(b) <= kib + MEMORY_KIB, "QEMU has %lu KiB, before that %lu",
	      bare_memory(b), kib);
	host_drain(b, &s, &got);
	CHECK(t, !front_pending(b->front), "the device still holds %zu bytes",
	      front_pending(b->front));
	CHECK(t, got.len == took && memcmp(got.data, out.data, took) == 0,
	      "%zu bytes come, or others than the %zu that the device took", got.len, took);
	bare_exchange(b, b->front, &s, AFTER, AFTER);
	buf_release(&out);
	buf_release(&got);
}

CASE(peer_flood, .id = "peer.flood",
     .title = "much more than any buffer holds passes both ways at once: whole, in order and once",
     .clause = "qemu/chardev/char-fd.c, char-pty.c", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "chardev", NULL}, .plan = host_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = host_connected(b);

	bare_exchange(b, b->front, &s, FLOOD, FLOOD);
}

/* char-pipe.c opens both FIFOs for reading and writing: they never end, and keep what they hold. */
CASE(pipe_peers, .id = "pipe.peers",
     .title =
	     "what the device sends while nobody has the pipe open waits in it, up to its size; what "
	     "a host sent before it left arrives, time and again",
     .clause = "qemu/chardev/char-pipe.c qemu_chr_open_pipe()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", "chardev", NULL},
     .plan = host_plan)
{
	static const char kept[] = "said to nobody", left[] = "and gone";
	struct bare *b = trial_bare(t);
	bool heard = b->front->kind != FRONT_DEBUGCON;

	for (int i = 0; i < 3; i++) {
		struct stream s;

		bare_send(b, b->front, kept, strlen(kept));
		s = host_connected(b);
		bare_host_expect(b, &s, kept, strlen(kept));
		bare_exchange(b, b->front, &s, AFTER, heard ? AFTER : 0);
		if (heard)
			bare_host_send(b, &s, left, strlen(left));
		chr_close(s.chr);
		if (heard)
			bare_expect(b, b->front, left, strlen(left));
		bare_settle(b);
		CHECK(t, front_host_open(b->front), "a pipe has been closed");
	}
}
