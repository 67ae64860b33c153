/* Writes down, in order, what a program does to the files below one folder, so that the disk a power cut would have left can be
 * worked out from it. It is loaded in front of the C library (LD_PRELOAD) and changes nothing but what it is asked to.
 *
 *   SLIPWAY_POWER_ROOT   the folder
 *   SLIPWAY_POWER_LOG    the log, outside the folder
 *   SLIPWAY_POWER_FULL   while this file exists, every write below the folder fails as on a full disk
 *   SLIPWAY_POWER_SLOW   while this file exists, every sync takes 50 ms more
 *
 * A record: 1 byte of kind, 4 bytes number of the opened file, 8 bytes offset or length, 4 bytes length of what follows, which is
 * bytes or a path (two, with a zero byte between, for what names two). Numbers are in this machine's byte order.
 *   o opened (the offset holds the flags)   w written   t cut to a length   s synced   r renamed   l linked   u unlinked
 *   m folder made   d folder removed   x something this log cannot follow
 *
 * One lock is held over an act and its record, so the order of records is the order of acts, and a killed program has left at most
 * one act without its record. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 65536
#define MOST_PATH 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *root, *full, *slow;
static size_t root_length;
static int log_file = -1;
static uint32_t last_number;
static uint32_t numbers[MOST_FILES]; /* by file descriptor; 0 is a file of no interest */

#define REAL(type, name, ...) \
    static type (*real_##name)(__VA_ARGS__)
REAL(int, open64, const char *, int, ...);
REAL(ssize_t, write, int, const void *, size_t);
REAL(ssize_t, writev, int, const struct iovec *, int);
REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
REAL(int, ftruncate64, int, off64_t);
REAL(int, fsync, int);
REAL(int, fdatasync, int);
REAL(int, close, int);
REAL(int, rename, const char *, const char *);
REAL(int, linkat, int, const char *, int, const char *, int);
REAL(int, unlink, const char *);
REAL(int, mkdir, const char *, mode_t);
REAL(int, rmdir, const char *);
REAL(void *, mmap64, void *, size_t, int, int, int, off64_t);

static void begin(void) {
#define FIND(name) real_##name = dlsym(RTLD_NEXT, #name)
    FIND(open64); FIND(write); FIND(writev); FIND(pwrite64); FIND(ftruncate64); FIND(fsync); FIND(fdatasync);
    FIND(close); FIND(rename); FIND(linkat); FIND(unlink); FIND(mkdir); FIND(rmdir); FIND(mmap64);
    root = getenv("SLIPWAY_POWER_ROOT");
    full = getenv("SLIPWAY_POWER_FULL");
    slow = getenv("SLIPWAY_POWER_SLOW");
    const char *log = getenv("SLIPWAY_POWER_LOG");
    if (!root || !log) return;
    root_length = strlen(root);
    log_file = real_open64(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void ready(void) { pthread_once(&once, begin); }

/* Whether a path lies below the folder. The program is given the folder as an absolute path and opens files by it. */
static int ours(const char *path) {
    return log_file >= 0 && path && strncmp(path, root, root_length) == 0
        && (path[root_length] == '/' || path[root_length] == 0);
}

static uint32_t number_of(int file) {
    return file >= 0 && file < MOST_FILES ? numbers[file] : 0;
}

static void record(char kind, uint32_t number, uint64_t offset, const void *bytes, uint32_t length) {
    char head[17];
    head[0] = kind;
    memcpy(head + 1, &number, 4);
    memcpy(head + 5, &offset, 8);
    memcpy(head + 13, &length, 4);
    struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, length}};
    int before = errno;
    if (real_writev(log_file, parts, 2) != (ssize_t)(sizeof head + length)) abort();
    errno = before;
}

static void record_paths(char kind, const char *first, const char *second) {
    char both[2 * MOST_PATH];
    size_t length = strlen(first);
    if (length >= MOST_PATH || (second && strlen(second) >= MOST_PATH)) abort();
    memcpy(both, first, length);
    if (second) {
        both[length++] = 0;
        memcpy(both + length, second, strlen(second));
        length += strlen(second);
    }
    record(kind, 0, 0, both, (uint32_t)length);
}

static int is_full(void) {
    if (!full || access(full, F_OK) != 0) return 0;
    errno = ENOSPC;
    return 1;
}

static int opened(const char *path, int flags, mode_t mode) {
    ready();
    if (!ours(path)) return real_open64(path, flags, mode);
    pthread_mutex_lock(&lock);
    int file = real_open64(path, flags, mode);
    if (file >= 0 && file < MOST_FILES) {
        numbers[file] = ++last_number;
        record('o', last_number, (uint64_t)flags, path, (uint32_t)strlen(path));
    } else if (file >= 0) {
        abort();
    }
    pthread_mutex_unlock(&lock);
    return file;
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(path, flags, mode);
}

int close(int file) {
    ready();
    if (!number_of(file)) return real_close(file);
    pthread_mutex_lock(&lock);
    numbers[file] = 0;
    int result = real_close(file);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t write(int file, const void *bytes, size_t length) {
    ready();
    if (!number_of(file)) return real_write(file, bytes, length);
    pthread_mutex_lock(&lock);
    ssize_t done = is_full() ? -1 : real_write(file, bytes, length);
    if (done > 0) record('w', number_of(file), (uint64_t)(lseek64(file, 0, SEEK_CUR) - done), bytes, (uint32_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    ready();
    if (!number_of(file)) return real_writev(file, parts, count);
    ssize_t all = 0;
    for (int at = 0; at < count; at++) {
        ssize_t done = write(file, parts[at].iov_base, parts[at].iov_len);
        if (done < 0) return all > 0 ? all : -1;
        all += done;
        if ((size_t)done < parts[at].iov_len) break;
    }
    return all;
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
    ready();
    if (!number_of(file)) return real_pwrite64(file, bytes, length, offset);
    pthread_mutex_lock(&lock);
    ssize_t done = is_full() ? -1 : real_pwrite64(file, bytes, length, offset);
    if (done > 0) record('w', number_of(file), (uint64_t)offset, bytes, (uint32_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate64(int file, off64_t length) {
    ready();
    if (!number_of(file)) return real_ftruncate64(file, length);
    pthread_mutex_lock(&lock);
    int result = real_ftruncate64(file, length);
    if (result == 0) record('t', number_of(file), (uint64_t)length, "", 0);
    pthread_mutex_unlock(&lock);
    return result;
}

static int synced(int file, int (*real)(int)) {
    if (!number_of(file)) return real(file);
    if (slow && access(slow, F_OK) == 0) {
        struct timespec pause = {0, 50 * 1000 * 1000};
        nanosleep(&pause, NULL);
    }
    pthread_mutex_lock(&lock);
    int result = real(file);
    if (result == 0) record('s', number_of(file), 0, "", 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int file) { ready(); return synced(file, real_fsync); }
int fdatasync(int file) { ready(); return synced(file, real_fdatasync); }

int rename(const char *from, const char *to) {
    ready();
    if (!ours(from) && !ours(to)) return real_rename(from, to);
    pthread_mutex_lock(&lock);
    int result = real_rename(from, to);
    if (result == 0) record_paths('r', from, to);
    pthread_mutex_unlock(&lock);
    return result;
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    ready();
    if (!ours(from) && !ours(to)) return real_linkat(from_folder, from, to_folder, to, flags);
    pthread_mutex_lock(&lock);
    int result = is_full() ? -1 : real_linkat(from_folder, from, to_folder, to, flags);
    if (result == 0) record_paths('l', from, to);
    pthread_mutex_unlock(&lock);
    return result;
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlink(const char *path) {
    ready();
    if (!ours(path)) return real_unlink(path);
    pthread_mutex_lock(&lock);
    int result = real_unlink(path);
    if (result == 0) record_paths('u', path, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

int mkdir(const char *path, mode_t mode) {
    ready();
    if (!ours(path)) return real_mkdir(path, mode);
    pthread_mutex_lock(&lock);
    int result = is_full() ? -1 : real_mkdir(path, mode);
    if (result == 0) record_paths('m', path, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

int rmdir(const char *path) {
    ready();
    if (!ours(path)) return real_rmdir(path);
    pthread_mutex_lock(&lock);
    int result = real_rmdir(path);
    if (result == 0) record_paths('d', path, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

/* What is written through memory is not seen here. SQLite does so to its index of the log alone, which it makes anew. */
void *mmap64(void *address, size_t length, int protection, int flags, int file, off64_t offset) {
    ready();
    if ((protection & PROT_WRITE) && (flags & MAP_SHARED) && number_of(file)) {
        pthread_mutex_lock(&lock);
        record('x', number_of(file), 0, "mmap", 4);
        pthread_mutex_unlock(&lock);
    }
    return real_mmap64(address, length, protection, flags, file, offset);
}

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    return mmap64(address, length, protection, flags, file, offset);
}
