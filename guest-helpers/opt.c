/* SPDX-License-Identifier: GPL-2.0-or-later */
/* opt.c - command lines of the verbs; anything unknown or malformed is a usage error. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"

#define SIZE_LIMIT (64UL << 20)

static uint64_t parse_u64(const char *name, const char *text)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	/* strtoull takes signs and blanks; a seed or a size has neither */
	if (*text < '0' || *text > '9' || *end || errno)
		usage_error("--%s: '%s' is not an unsigned 64 bit decimal number", name, text);
	return value;
}

static size_t parse_size(const char *name, const char *text)
{
	uint64_t value = parse_u64(name, text);

	if (value < 1 || value > SIZE_LIMIT)
		usage_error("--%s: '%s' is not within 1 .. %lu", name, text, SIZE_LIMIT);
	return (size_t)value;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static void parse_marker(const char *name, const char *text, uint8_t *out)
{
	bool good = strlen(text) == 2UL * MARKER_LEN;

	for (size_t i = 0; good && i < MARKER_LEN; i++) {
		int hi = hex_digit(text[2 * i]), lo = hex_digit(text[2 * i + 1]);

		good = hi >= 0 && lo >= 0;
		out[i] = good ? (uint8_t)(hi << 4 | lo) : 0;
	}
	if (!good)
		usage_error("--%s: '%s' is not %d hex digits", name, text, 2 * MARKER_LEN);
}

static void take(struct opt *opt, const char *text)
{
	switch (opt->type) {
	case OPT_FLAG:
		*(bool *)opt->value = true;
		break;
	case OPT_U64:
		*(uint64_t *)opt->value = parse_u64(opt->name, text);
		break;
	case OPT_SIZE:
		*(size_t *)opt->value = parse_size(opt->name, text);
		break;
	case OPT_STR:
		*(const char **)opt->value = text;
		break;
	case OPT_MARKER:
		parse_marker(opt->name, text, opt->value);
		break;
	}
	opt->seen = true;
}

static struct opt *find(struct opt *opts, size_t n_opts, const char *name)
{
	for (size_t i = 0; i < n_opts; i++) {
		if (!strcmp(opts[i].name, name))
			return &opts[i];
	}
	usage_error("unknown option --%s", name);
}

/**
 * opt_parse() - read a verb's command line, or exit with EXIT_USAGE
 * @opts: the options it knows
 * @n_opts: how many
 * @argv: argv[0] is the verb
 * @operands: filled with the operands; those not given stay as they are
 * @n_operands: at most so many
 * @n_needed: at least so many
 */
void opt_parse(struct opt *opts, size_t n_opts, char **argv, const char **operands,
	       size_t n_operands, size_t n_needed)
{
	const char *verb = *argv++;
	size_t n = 0;

	for (; *argv; argv++) {
		struct opt *opt;

		if (strncmp(*argv, "--", 2) != 0) {
			if (n == n_operands)
				usage_error("%s: operand '%s' is one too many", verb, *argv);
			operands[n++] = *argv;
			continue;
		}
		opt = find(opts, n_opts, *argv + 2);
		if (opt->seen)
			usage_error("%s: --%s was given twice", verb, opt->name);
		if (opt->type != OPT_FLAG && !*++argv)
			usage_error("%s: --%s needs a value", verb, opt->name);
		take(opt, *argv);
	}
	if (n < n_needed)
		usage_error("%s: an operand is missing", verb);
	for (size_t i = 0; i < n_opts; i++) {
		if (opts[i].required && !opts[i].seen)
			usage_error("%s: --%s is missing", verb, opts[i].name);
	}
}
