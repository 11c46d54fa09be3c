// SPDX-License-Identifier: GPL-2.0-or-later
/* fops_events.c - the calls of a script that wait for events, and the signals that tell of them */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"

#define UNTIL_MS   10000
#define SLICE_MS   20
#define PERIOD_NS  1000000L
#define EVERYTHING (POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRBAND | POLLRDHUP)
/* Queued, with who sent it. */
#define SIG_QUEUED (SIGRTMIN + 1)

static const struct {
	short bit;
	const char *name;
} bits[] = {
	{POLLIN, "IN"},	  {POLLPRI, "PRI"},	  {POLLRDNORM, "RDNORM"}, {POLLRDBAND, "RDBAND"},
	{POLLOUT, "OUT"}, {POLLWRNORM, "WRNORM"}, {POLLWRBAND, "WRBAND"}, {POLLRDHUP, "RDHUP"},
	{POLLERR, "ERR"}, {POLLHUP, "HUP"},	  {POLLNVAL, "NVAL"},
};

static atomic_int n_interrupts;

/** fops_result_mask() - what poll() gave: "IN,OUT", or "none" */
void fops_result_mask(struct fops_call *c, int n, short mask)
{
	size_t len = 0;

	if (n < 0) {
		fops_result(c, "%s", errno_name(errno));
		return;
	}
	fops_result(c, "none");
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (mask & bits[i].bit)
			len += (size_t)snprintf(c->result + len, sizeof(c->result) - len, "%s%s",
						len ? "," : "", bits[i].name);
}

/** fops_parse_mask() - "IN,OUT" */
short fops_parse_mask(const char *text)
{
	short mask = 0;

	while (*text) {
		size_t len = strcspn(text, ","), i = 0;

		while (i < sizeof(bits) / sizeof(bits[0]) &&
		       (strlen(bits[i].name) != len || strncmp(bits[i].name, text, len) != 0))
			i++;
		if (i == sizeof(bits) / sizeof(bits[0]))
			tap_bail("there is no event '%s'", text);
		mask |= bits[i].bit;
		text += len + (text[len] == ',');
	}
	return mask;
}

/** fops_poll() - what poll() says of @events, now, or once any of them is so */
void fops_poll(struct fops_call *c, int fd, short events, bool wait)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	int n = poll(&pfd, 1, wait ? -1 : 0);

	fops_result_mask(c, n, pfd.revents);
}

/* poll SLOT: all that it can say, now; poll-wait SLOT EVENTS: wait for it */
static void call_poll(struct fops_call *c)
{
	bool wait = c->n > 2;

	fops_poll(c, fops_slot(c, 1)->fd,
		  wait ? fops_parse_mask(c->word[2]) : EVERYTHING | POLLWRNORM, wait);
}

/* epoll SLOT: the same of epoll_wait() */
static void call_epoll(struct fops_call *c)
{
	struct epoll_event ev = {.events = (uint32_t)(EVERYTHING | POLLWRNORM)};
	int ep = epoll_create1(EPOLL_CLOEXEC), n;

	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fops_slot(c, 1)->fd, &ev)) {
		fops_result(c, "%s", errno_name(errno));
	} else {
		ev.events = 0;
		n = epoll_wait(ep, &ev, 1, 0);
		fops_result_mask(c, n, (short)ev.events);
	}
	close(ep);
}

/*
 * until SLOT MASK: wait until that is exactly what poll() says. An edge-triggered epoll wakes up
 * for every change but one to nothing at all, which therefore is looked for now and then.
 */
static void call_until(struct fops_call *c)
{
	int fd = fops_slot(c, 1)->fd, ep = epoll_create1(EPOLL_CLOEXEC), n;
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
	short want = strcmp(c->word[2], "none") ? fops_parse_mask(c->word[2]) : 0;
	uint64_t end = now_ms() + UNTIL_MS;
	struct pollfd pfd = {.fd = fd, .events = EVERYTHING | POLLWRNORM};

	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
		tap_bail("epoll: %s", errno_name(errno));
	do {
		n = poll(&pfd, 1, 0);
		if (n < 0 || pfd.revents == want)
			break;
		epoll_wait(ep, &ev, 1, SLICE_MS);
	} while (now_ms() < end);
	fops_result_mask(c, n, pfd.revents);
	close(ep);
}

/* queued SLOT N: wait until that many bytes can be read from a terminal */
static void call_queued(struct fops_call *c)
{
	int fd = fops_slot(c, 1)->fd, want = (int)fops_number(c, 2), n = -1;
	uint64_t end = now_ms() + UNTIL_MS;
	struct timespec ts = {.tv_nsec = PERIOD_NS};

	while (!ioctl(fd, FIONREAD, &n) && n != want && now_ms() < end)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	fops_result_n(c, n);
}

/* drained SLOT: wait until a terminal has sent all that was written */
static void call_drained(struct fops_call *c)
{
	fops_result(c, "%s", tcdrain(fops_slot(c, 1)->fd) ? errno_name(errno) : "ok");
}

static void on_interrupt(int sig)
{
	(void)sig;
	atomic_fetch_add(&n_interrupts, 1);
}

/** fops_interrupted() - how many of those signals were handled */
int fops_interrupted(void)
{
	return atomic_load(&n_interrupts);
}

/* Nobody says whose SIGIO it is: look at all that may have sent it. */
static void on_sigio(int sig)
{
	int err = errno;

	(void)sig;
	for (int i = 0; i < FOPS_SLOTS; i++) {
		struct pollfd pfd = {.fd = fops_slots[i].fd, .events = POLLIN | POLLOUT};

		if (fops_slots[i].async != 'p' || poll(&pfd, 1, 0) < 0)
			continue;
		fops_slots[i].mask = pfd.revents;
		fops_slots[i].signals++;
	}
	errno = err;
}

static void on_queued(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	for (int i = 0; i < FOPS_SLOTS; i++) {
		if (fops_slots[i].async != 'r' || fops_slots[i].fd != info->si_fd)
			continue;
		fops_slots[i].mask = (short)(fops_slots[i].mask | info->si_band);
		fops_slots[i].signals++;
	}
}

/** fops_signals_init() - SIGUSR1 interrupts, SIGUSR2 only for a moment */
void fops_signals_init(void)
{
	struct sigaction sa = {.sa_handler = on_interrupt};

	sigaction(SIGUSR1, &sa, NULL);
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR2, &sa, NULL);
	sa.sa_handler = on_sigio;
	sigaction(SIGIO, &sa, NULL);
	sa.sa_flags |= SA_SIGINFO;
	sa.sa_sigaction = on_queued;
	sigaction(SIG_QUEUED, &sa, NULL);
}

/* async SLOT plain|queued|off [THREAD]: which signals it gives, and to which thread */
static void call_async(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	bool queued = !strcmp(c->word[2], "queued"), off = !strcmp(c->word[2], "off");
	struct f_owner_ex owner = {.type = F_OWNER_TID,
				   .pid = fops_worker_tid(c->n > 3 ? c->word[3][0] : 'M')};
	int flags = fcntl(s->fd, F_GETFL);

	s->signals = s->mask = 0;
	s->async = off ? 0 : queued ? 'r' : 'p';
	flags = off ? flags & ~O_ASYNC : flags | O_ASYNC;
	if (fcntl(s->fd, F_SETOWN_EX, &owner) || fcntl(s->fd, F_SETSIG, queued ? SIG_QUEUED : 0) ||
	    fcntl(s->fd, F_SETFL, flags))
		fops_result(c, "%s", errno_name(errno));
	else
		fops_result(c, "ok");
}

/* signals SLOT: wait for one; the mask, and how many when they are counted */
static void call_signals(struct fops_call *c, bool wait)
{
	struct fops_slot *s = fops_slot(c, 1);
	uint64_t end = now_ms() + UNTIL_MS;
	struct timespec ts = {.tv_nsec = PERIOD_NS};
	char mask[FOPS_RESULT];

	while (wait && !s->signals && now_ms() < end)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	fops_result_mask(c, 0, s->mask);
	memcpy(mask, c->result, sizeof(mask));
	if (!s->signals)
		fops_result(c, "no signal");
	else if (s->async == 'r')
		fops_result(c, "%d %.100s", s->signals, mask);
	s->signals = s->mask = 0;
}

/** fops_run_event() - make a call, if it is one of these */
bool fops_run_event(struct fops_call *c)
{
	const char *name = c->word[0];

	if (!strcmp(name, "poll") || !strcmp(name, "poll-wait"))
		call_poll(c);
	else if (!strcmp(name, "epoll"))
		call_epoll(c);
	else if (!strcmp(name, "until") && c->n == 3)
		call_until(c);
	else if (!strcmp(name, "queued") && c->n == 3)
		call_queued(c);
	else if (!strcmp(name, "drained"))
		call_drained(c);
	else if (!strcmp(name, "async") && c->n >= 3)
		call_async(c);
	else if (!strcmp(name, "signals") || !strcmp(name, "signals-now"))
		call_signals(c, !strcmp(name, "signals"));
	else
		return false;
	return true;
}
