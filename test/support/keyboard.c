/*
 * The kernel's input device, where no kernel makes one of bytes: paths below /dev/input lead to the pipe KEYBOARD_PIPE, whose bytes are
 * struct input_event, and the first EVIOCGRAB on it is granted and noted in KEYBOARD_GRABS. Preloaded by a test; all else is the system's.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVIOCGRAB 0x40044590UL

static int keyboard = -1;

static int opened(const char *name, const char *path, int flags, int mode) {
  int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
  const char *pipe = getenv("KEYBOARD_PIPE");
  if (!pipe || strncmp(path, "/dev/input/", 11) != 0) return real(path, flags, mode);
  keyboard = real(pipe, flags, mode);
  return keyboard;
}

static int modeOf(int flags, va_list rest) { return flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, int) : 0; }

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = modeOf(flags, rest);
  va_end(rest);
  return opened("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = modeOf(flags, rest);
  va_end(rest);
  return opened("open64", path, flags, mode);
}

int ioctl(int fd, unsigned long request, ...) {
  static int (*real)(int, unsigned long, ...);
  if (!real) real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
  va_list rest;
  va_start(rest, request);
  void *value = va_arg(rest, void *);
  va_end(rest);
  if (fd != keyboard || request != EVIOCGRAB) return real(fd, request, value);
  FILE *grabs = fopen(getenv("KEYBOARD_GRABS"), "a");
  if (!grabs) return -1;
  fprintf(grabs, "%ld\n", (long)value);
  fclose(grabs);
  return 0;
}
