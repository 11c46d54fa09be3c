// SPDX-License-Identifier: GPL-2.0-or-later
/* fops_epoll.c - the calls of a script upon one set of descriptors that is kept, and select() */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include "helper.h"

static int set = -1;

static int the_set(void)
{
	if (set < 0)
		set = epoll_create1(EPOLL_CLOEXEC);
	if (set < 0)
		tap_bail("epoll_create1: %s", errno_name(errno));
	return set;
}

/* eadd SLOT MASK [et|oneshot], emod SLOT MASK [et|oneshot], edel SLOT */
static void call_control(struct fops_call *c)
{
	int op = c->word[0][1] == 'a'	? EPOLL_CTL_ADD
		 : c->word[0][1] == 'm' ? EPOLL_CTL_MOD
					: EPOLL_CTL_DEL;
	struct epoll_event ev = {.data.u32 = (uint32_t)c->word[1][0]};

	if (op != EPOLL_CTL_DEL)
		ev.events = (uint32_t)fops_parse_mask(c->word[2]);
	if (c->n > 3)
		ev.events |= !strcmp(c->word[3], "et") ? EPOLLET : EPOLLONESHOT;
	fops_result(c, "%s",
		    epoll_ctl(the_set(), op, fops_slot(c, 1)->fd, &ev) ? errno_name(errno) : "ok");
}

/* ewait [wait]: what is so of each, "a:IN,OUT b:HUP" in the order of their letters, or "none" */
static void call_wait(struct fops_call *c)
{
	struct epoll_event ev[FOPS_SLOTS];
	int n = epoll_wait(the_set(), ev, FOPS_SLOTS, c->n > 1 ? -1 : 0);
	char all[FOPS_RESULT] = "";
	size_t len = 0;

	if (n <= 0) {
		fops_result(c, "%s", n ? errno_name(errno) : "none");
		return;
	}
	for (uint32_t slot = 'a'; slot < 'a' + FOPS_SLOTS; slot++)
		for (int i = 0; i < n; i++) {
			if (ev[i].data.u32 != slot || len >= sizeof(all))
				continue;
			fops_result_mask(c, 1, (short)ev[i].events);
			len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%c:%.40s",
						len ? " " : "", (char)slot, c->result);
		}
	fops_result(c, "%s", all);
}

/* select SLOT: "r", "w", "rw" or "none", now */
static void call_select(struct fops_call *c)
{
	int fd = fops_slot(c, 1)->fd;
	struct timeval now = {0};
	fd_set r, w;

	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(fd, &r);
	FD_SET(fd, &w);
	if (select(fd + 1, &r, &w, NULL, &now) < 0)
		fops_result(c, "%s", errno_name(errno));
	else if (!FD_ISSET(fd, &r) && !FD_ISSET(fd, &w))
		fops_result(c, "none");
	else
		fops_result(c, "%s%s", FD_ISSET(fd, &r) ? "r" : "", FD_ISSET(fd, &w) ? "w" : "");
}

/** fops_run_epoll() - make a call, if it is one of these */
bool fops_run_epoll(struct fops_call *c)
{
	const char *name = c->word[0];

	if (((!strcmp(name, "eadd") || !strcmp(name, "emod")) && c->n >= 3) ||
	    (!strcmp(name, "edel") && c->n == 2))
		call_control(c);
	else if (!strcmp(name, "ewait"))
		call_wait(c);
	else if (!strcmp(name, "eready")) /* what poll() says of the set itself */
		fops_poll(c, the_set(), POLLIN | POLLOUT, false);
	else if (!strcmp(name, "select"))
		call_select(c);
	else
		return false;
	return true;
}
