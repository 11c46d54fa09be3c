// SPDX-License-Identifier: GPL-2.0-or-later
/* conf.c - read an ini file through inih, whose silent limits become errors here */
#include "harness/base/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

/* inih cuts both off without a word: a line at INI_MAX_LINE - 1, a stanza name at 49 characters. */
#define LINE_MAX_LEN   (INI_MAX_LINE - 3)
#define STANZA_MAX_LEN 48

/**
 * struct reader - State while inih reads
 * @conf:	what is filled
 * @rest:	text that inih has not got yet
 * @line:	number of the line that inih has got last
 * @header_line: the last of them that began a stanza
 * @continued:	the last of them was indented: it goes on with the line before
 * @twice:	the first line that gives a key for the second time; 0: none
 * @long_line, @long_stanza: the first line, or stanza name, that is too long; 0: none
 */
struct reader {
	struct conf *conf;
	const char *rest;
	int line, header_line;
	bool continued;
	int long_line, long_stanza, twice;
};

/* inih's fgets: gives one line at a time and counts. */
static char *reader_line(char *out, int size, void *stream)
{
	struct reader *r = stream;
	size_t len = strcspn(r->rest, "\n"), take = len;

	if (!*r->rest)
		return NULL;
	r->line++;
	r->continued = *r->rest == ' ' || *r->rest == '\t';
	if (*r->rest == '[')
		r->header_line = r->line;
	if (len > LINE_MAX_LEN && !r->long_line)
		r->long_line = r->line;
	if (take > (size_t)size - 2)
		take = (size_t)size - 2;
	memcpy(out, r->rest, take);
	out[take] = '\n';
	out[take + 1] = '\0';
	r->rest += len + (r->rest[len] == '\n');
	return out;
}

static struct conf_stanza *stanza_for(struct reader *r, const char *section)
{
	struct conf *c = r->conf;

	if (c->n && strcmp(c->stanzas[c->n - 1].name, section) == 0 &&
	    c->stanzas[c->n - 1].line >= r->header_line)
		return &c->stanzas[c->n - 1];
	if (strlen(section) > STANZA_MAX_LEN && !r->long_stanza)
		r->long_stanza = r->header_line;
	c->stanzas = xrealloc(c->stanzas, (c->n + 1) * sizeof(*c->stanzas));
	c->stanzas[c->n] = (struct conf_stanza){.name = xstrdup(section),
						.line = r->header_line ? r->header_line : r->line};
	return &c->stanzas[c->n++];
}

/* inih calls this for each "name = value", and again with the same name for a continuation line. */
static int take_key(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	struct conf_stanza *s = stanza_for(r, section);
	struct conf_key *last = s->n ? &s->keys[s->n - 1] : NULL;

	for (size_t i = 0; !r->continued && i < s->n; i++)
		if (strcmp(s->keys[i].name, name) == 0 && !r->twice)
			r->twice = r->line;
	if (r->continued && last && strcmp(last->name, name) == 0) {
		char *joined = xasprintf("%s %s", last->value, value);

		free(last->value);
		last->value = joined;
		return 1;
	}
	s->keys = xrealloc(s->keys, (s->n + 1) * sizeof(*s->keys));
	s->keys[s->n++] = (struct conf_key){xstrdup(name), xstrdup(value), r->line};
	return 1;
}

bool conf_parse(struct conf *c, const char *name, const char *text, struct buf *why)
{
	struct reader r = {.conf = c, .rest = text};
	int bad;

	*c = (struct conf){NULL, 0};
	bad = ini_parse_stream(reader_line, &r, take_key, &r);
	if (r.long_line)
		buf_addf(why,
			 "%s:%d: line longer than %d characters; continue it on an indented line",
			 name, r.long_line, LINE_MAX_LEN);
	else if (r.long_stanza)
		buf_addf(why, "%s:%d: stanza name longer than %d characters; use a glob", name,
			 r.long_stanza, STANZA_MAX_LEN);
	else if (r.twice)
		buf_addf(why, "%s:%d: this key stands in the stanza already", name, r.twice);
	else if (bad)
		buf_addf(why, "%s:%d: neither [stanza] nor key = value", name,
			 bad > 0 ? bad : r.line);
	else
		return true;
	conf_release(c);
	return false;
}

bool conf_read(struct conf *c, const char *path, struct buf *why)
{
	struct buf text = BUF_INIT;
	bool ok = buf_read_file(&text, path);

	if (!ok)
		buf_addf(why, "unable to read %s: %s", path, strerror(errno));
	else if (strlen(text.data) != text.len)
		buf_addf(why, "%s: not a text file (it holds a NUL)", path);
	else
		ok = conf_parse(c, path, text.data, why);
	if (strlen(text.data) != text.len)
		ok = false;
	buf_release(&text);
	return ok;
}

void conf_release(struct conf *c)
{
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < c->stanzas[i].n; k++) {
			free(c->stanzas[i].keys[k].name);
			free(c->stanzas[i].keys[k].value);
		}
		free(c->stanzas[i].keys);
		free(c->stanzas[i].name);
	}
	free(c->stanzas);
	*c = (struct conf){NULL, 0};
}
