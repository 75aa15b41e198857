/*
 * assay-report: makes the reports of a journal again, on any host.
 *
 *   assay-report [--out DIR] JOURNAL…
 *
 * Writes the files of report/files.h beside each journal, or into DIR;
 * with several journals into DIR/1, DIR/2 and so on. Exit status: 0 when all were written, 2 when a
 * journal could not be read or a report not be written, or for a wrong command line.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "report/files.h"

enum { EXIT_UNREADABLE = 2, PATH_SIZE = 4096 };

static const size_t journal_size_max = (size_t)256 << 20;

static bool complain(const char *path, const char *what)
{
    fprintf(stderr, "assay-report: %s: %s\n", path, what);
    return false;
}

/* The file's bytes, to be freed, or NULL with errno set. */
static char *read_stream(FILE *file, size_t *ret_size)
{
    size_t room = (size_t)1 << 16, size = 0;
    char *bytes = malloc(room);

    while (bytes) {
        size_t got = fread(bytes + size, 1, room - size, file);
        char *larger;

        size += got;
        if (size < room)
            break;
        larger = room < journal_size_max ? realloc(bytes, room * 2) : NULL;
        if (!larger) {
            free(bytes);
            errno = EFBIG;
            return NULL;
        }
        bytes = larger;
        room *= 2;
    }
    if (bytes && ferror(file)) {
        free(bytes);
        return NULL;
    }
    *ret_size = size;
    return bytes;
}

static char *read_file(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    char *bytes;

    if (!file)
        return NULL;
    bytes = read_stream(file, ret_size);
    fclose(file);
    return bytes;
}

static int write_to_file(void *context, const void *data, size_t size)
{
    return fwrite(data, 1, size, context) == size ? OK : ERR_IO;
}

static bool write_report(const struct report_file *report, const struct report_source *source,
                         const char *folder)
{
    char path[PATH_SIZE];
    struct output output = {.write = write_to_file};
    int error;

    if (snprintf(path, sizeof(path), "%s/%s", folder, report->name) >= (int)sizeof(path))
        return complain(folder, "the path is too long");
    output.context = fopen(path, "wb");
    if (!output.context)
        return complain(path, strerror(errno));
    error = report->write(source, &output);
    if (fclose(output.context) != 0 && error == OK)
        error = ERR_IO;
    return error == OK ? true : complain(path, error_text(error));
}

static bool write_reports(const struct report_source *source, const char *folder)
{
    bool good = true;

    for (size_t i = 0; i < REPORT_FILES; i++) {
        const struct report_file *file = &report_files[i];

        if (!file->is_due || file->is_due(source))
            good = write_report(file, source, folder) && good;
    }
    return good;
}

static bool report_bytes(const char *path, const char *bytes, size_t size, const char *folder)
{
    struct model *model = malloc(sizeof(*model));
    struct report_source source = {.journal = bytes, .size = size, .model = model};
    bool good;

    if (!model)
        return complain(path, strerror(errno));
    if (model_build(model, bytes, size) != OK) {
        complain(path, "not a journal of Assay");
        free(model);
        return false;
    }
    if (model_is_damaged(model))
        fprintf(stderr, "assay-report: %s: read up to byte %zu: %s\n", path, model->stop_offset,
                journal_stop_text(model->stop));
    good = write_reports(&source, folder);
    free(model);
    return good;
}

static bool report_journal(const char *path, const char *folder)
{
    size_t size = 0;
    char *bytes = read_file(path, &size);
    bool good;

    if (!bytes)
        return complain(path, strerror(errno));
    good = report_bytes(path, bytes, size, folder);
    free(bytes);
    return good;
}

static bool make_folder(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return complain(path, strerror(errno));
    return true;
}

/* Where the reports of a journal go. `number` is 0 when it is the only one. */
static bool choose_folder(char folder[PATH_SIZE], const char *out, const char *journal,
                          unsigned number)
{
    const char *slash = strrchr(journal, '/');

    if (!out && !slash)
        snprintf(folder, PATH_SIZE, ".");
    else if (!out)
        snprintf(folder, PATH_SIZE, "%.*s", slash == journal ? 1 : (int)(slash - journal), journal);
    else if (number == 0)
        snprintf(folder, PATH_SIZE, "%s", out);
    else
        snprintf(folder, PATH_SIZE, "%s/%u", out, number);
    return !out || (make_folder(out) && make_folder(folder));
}

static int usage(void)
{
    fprintf(stderr, "usage: assay-report [--out DIR] JOURNAL...\n");
    return EXIT_UNREADABLE;
}

int main(int argc, char **argv)
{
    const char *out = NULL;
    int first = 1;
    bool good = true;

    if (argc > 2 && strcmp(argv[1], "--out") == 0) {
        out = argv[2];
        first = 3;
    }
    if (first >= argc || argv[first][0] == '-')
        return usage();
    for (int i = first; i < argc; i++) {
        char folder[PATH_SIZE];
        unsigned number = argc - first > 1 ? (unsigned)(i - first + 1) : 0;

        good =
            choose_folder(folder, out, argv[i], number) && report_journal(argv[i], folder) && good;
    }
    return good ? EXIT_SUCCESS : EXIT_UNREADABLE;
}
