// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * port.c - the file interface of a serial port: open, read, write, poll
 *
 * What calls give is the guest's driver's (linux/drivers/char/virtio_console.c, port_fops_*), but
 * it only does so when QEMU tells it of its host end, and takes and gives the bytes, as it must.
 */
#include "cases/fops/fops.h"

/* nonseekable_open(); a page that may not be touched gives EFAULT before a byte is taken. */
static const char open_script[] = "open a 0 rdwr = ok\n"
				  "open b 0 rdwr = EBUSY\n"
				  "open b 0 rdonly,nonblock = EBUSY\n"
				  "child open b 0 wronly = EBUSY\n"
				  "host frontend open\n"
				  "lseek a = ESPIPE\n"
				  "pread a 10 = ESPIPE\n"
				  "pwrite a 10 = ESPIPE\n"
				  "fsync a = EINVAL\n"
				  "mmap a = ENODEV\n"
				  "ioctl a = ENOTTY\n"
				  "host open\n"
				  "until a = OUT\n"
				  "write-bad a = EFAULT\n"
				  "write a 0 = 0\n"
				  "write a 10 = 10\n"
				  "host hears 10\n"
				  "host send 30\n"
				  "until a = IN,RDNORM,OUT\n"
				  "read-bad a = EFAULT\n"
				  "read a 100 = 30\n"
				  "close a = ok\n"
				  "host frontend closed\n"
				  "open a 0 rdonly = ok\n"
				  "host frontend open\n"
				  "write a 10 = EBADF\n"
				  "close a = ok\n"
				  "open a 0 wronly = ok\n"
				  "read a 10 = EBADF\n"
				  "write a 10 = 10\n"
				  "close a = ok\n"
				  "host frontend closed\n"
				  "host hears 10";

CASE(fops_open, .id = "fops.open",
     .title = "a port opens once, for reading, writing or both, and refuses what it cannot do",
     .clause = "linux/drivers/char/virtio_console.c port_fops_open(), port_fops",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = fops_plan)
{
	fops_run(t, open_script);
}

/* A readv is a read for each piece, up to one that is not filled (do_loop_readv_writev()): a
 * piece for which nothing is there waits, though bytes came before. One call gives at most one of
 * the driver's buffers, a page, and QEMU fills one with one read (CHR_READ_BUF_LEN, 4096). */
static const char read_script[] = "open a 0 rdwr = ok\n"
				  "read a 10 = 0\n"
				  "readv a 5 5 = 0\n"
				  "nonblock a = ok\n"
				  "read a 10 = 0\n"
				  "host open\n"
				  "until a = OUT\n"
				  "read a 10 = EAGAIN\n"
				  "readv a 5 5 = EAGAIN\n"
				  "host send 10\n"
				  "until a = IN,RDNORM,OUT\n"
				  "read a 4 = 4\n"
				  "read a 100 = 6\n"
				  "read a 10 = EAGAIN\n"
				  "host send 100\n"
				  "until a = IN,RDNORM,OUT\n"
				  "readv a 60 60 = 100\n"
				  "host send 100\n"
				  "until a = IN,RDNORM,OUT\n"
				  "readv a 60 40 10 = 100\n"
				  "block a = ok\n"
				  "A: read a 10\n"
				  "A sleeps\n"
				  "host send 4\n"
				  "A = 4\n"
				  "A: readv a 6 4 10\n"
				  "A sleeps\n"
				  "host send 10\n"
				  "A sleeps\n"
				  "host send 3\n"
				  "A = 13\n"
				  "host send 5000\n"
				  "until a = IN,RDNORM,OUT\n"
				  "read a 65536 = 4096\n"
				  "read-all a 904 = 904\n"
				  "A: read a 10\n"
				  "A sleeps\n"
				  "host close\n"
				  "A = 0\n"
				  "read a 10 = 0\n"
				  "close a = ok";

CASE(fops_read, .id = "fops.read",
     .title = "a read gives what has come, waits if it may while nothing has, and ends while the "
	      "host is away",
     .clause = "linux/drivers/char/virtio_console.c port_fops_read()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL}, .plan = fops_plan)
{
	fops_run(t, read_script);
}

/* Writes are cut at 32 KiB; a splice takes what the pipe has, whatever pieces it is in. */
static const char write_script[] = "open a 0 rdwr,nonblock = ok\n"
				   "write a 10 = EAGAIN\n"
				   "writev a 5 5 = EAGAIN\n"
				   "splice a 10 = EAGAIN\n"
				   "vmsplice a 10 = EAGAIN\n"
				   "block a = ok\n"
				   "A: write a 10\n"
				   "A sleeps\n"
				   "host open\n"
				   "A = 10\n"
				   "host hears 10\n"
				   "write a 32768 = 32768\n"
				   "write a 100000 = 32768\n"
				   "host hears-all\n"
				   "writev a 10 20 30 = 60\n"
				   "writev a 40000 10 = 32768\n"
				   "host hears-all\n"
				   "splice a 1 = 1\n"
				   "vmsplice a 5000 = 5000\n"
				   "splice a 65536 = 65536\n"
				   "host hears-all\n"
				   "vmsplice a 40000 = 40000\n"
				   "write-all a 100000 = 100000\n"
				   "host hears-all\n"
				   "host close\n"
				   "until a = IN,RDNORM,HUP\n"
				   "A: splice a 5000\n"
				   "A sleeps\n"
				   "host open\n"
				   "A = 5000\n"
				   "A: write-all a 100000\n"
				   "host hears 105000\n"
				   "A = 100000\n"
				   "close a = ok";

CASE(fops_write, .id = "fops.write",
     .title = "what is written or spliced into a port comes whole and once, and waits for a host "
	      "that is away",
     .clause = "linux/drivers/char/virtio_console.c port_fops_write(), port_fops_splice_write()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = fops_plan)
{
	fops_run(t, write_script);
}

/* Once QEMU has throttled the port it takes nothing from the queue until the host reads: what fits
 * into the queue after that is all. */
#define FULL                                                                                       \
	"fill a = EAGAIN\n"                                                                        \
	"host throttled\n"                                                                         \
	"fill a = EAGAIN\n"

/* Who sleeps is woken as soon as there is room, not only once all has gone: a poll() that does not
 * sleep would not see that, it looks into the queue itself (reclaim_consumed_buffers()). */
static const char full_script[] = "open a 0 rdwr = ok\n"
				  "host open\n"
				  "until a = OUT\n" FULL "poll a = none\n"
				  "epoll a = none\n"
				  "nonblock a = ok\n"
				  "write a 1 = EAGAIN\n"
				  "writev a 1 1 = EAGAIN\n"
				  "splice a 1 = EAGAIN\n"
				  "read a 1 = EAGAIN\n"
				  "host send 5\n"
				  "until a = IN,RDNORM\n"
				  "epoll a = IN,RDNORM\n"
				  "read a 10 = 5\n"
				  "poll a = none\n"
				  "block a = ok\n"
				  "A: write a 100\n"
				  "A sleeps\n"
				  "B: read a 100\n"
				  "B sleeps\n"
				  "host hears-all\n"
				  "A = 100\n"
				  "B sleeps\n"
				  "host send 10\n"
				  "B = 10\n"
				  "host hears-all\n"
				  "until a = OUT\n" FULL "A: write a 100\n"
				  "B: poll-wait a OUT\n"
				  "A sleeps\n"
				  "B sleeps\n"
				  "host hears-half\n"
				  "A = 100\n"
				  "B = OUT\n"
				  "host hears-all\n" FULL "A: write a 100\n"
				  "A sleeps\n"
				  "B: read a 100\n"
				  "B sleeps\n"
				  "host send 20\n"
				  "B = 20\n"
				  "A sleeps\n"
				  "host hears-all\n"
				  "A = 100\n"
				  "close a = ok\n"
				  "host hears-all";

CASE(fops_full, .id = "fops.full",
     .title = "a writer waits for a host that does not read, or is told to come back, and a reader "
	      "of the same descriptor is not disturbed",
     .clause = "linux/drivers/char/virtio_console.c will_write_block()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL}, .plan = fops_plan)
{
	fops_run(t, full_script);
}

/* A read would not wait while the host is away, so IN goes with HUP (will_read_block()); a write
 * would, so OUT does not. */
static const char poll_script[] = "open a 0 rdwr = ok\n"
				  "poll a = IN,RDNORM,HUP\n"
				  "epoll a = IN,RDNORM,HUP\n"
				  "host open\n"
				  "until a = OUT\n"
				  "epoll a = OUT\n"
				  "A: poll-wait a IN\n"
				  "A sleeps\n"
				  "host send 100\n"
				  "A = IN\n"
				  "poll a = IN,RDNORM,OUT\n"
				  "epoll a = IN,RDNORM,OUT\n"
				  "read a 40 = 40\n"
				  "poll a = IN,RDNORM,OUT\n"
				  "read a 4096 = 60\n"
				  "poll a = OUT\n"
				  "epoll a = OUT\n"
				  "host send 50\n"
				  "until a = IN,RDNORM,OUT\n"
				  "host close\n"
				  "until a = IN,RDNORM,HUP\n"
				  "epoll a = IN,RDNORM,HUP\n"
				  "read a 4096 = 50\n"
				  "poll a = IN,RDNORM,HUP\n"
				  "read a 1 = 0\n"
				  "host open\n"
				  "until a = OUT\n"
				  "A: poll-wait a IN\n"
				  "A sleeps\n"
				  "host close\n"
				  "A = IN,HUP\n"
				  "close a = ok";

CASE(fops_poll, .id = "fops.poll",
     .title = "poll and epoll say exactly what is so while the host comes, sends and goes",
     .clause = "linux/drivers/char/virtio_console.c port_fops_poll()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL}, .plan = fops_plan)
{
	fops_run(t, poll_script);
}
