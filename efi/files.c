#include "efi/files.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/firmware.h"
#include "report/journal.h"

enum {
    PATH_MAX_CHARS = 128,
    RUNS_MAX = 4096,
    HANDLES = 64,
    INFO_SIZE = 512,
    BLANKS = 64 * 1024,
};

static const char *const runs_path = "\\assay\\runs";
static const char *const journal_name = "journal.log";

struct volume {
    EFI_FILE_HANDLE root;
    EFI_FILE_HANDLE folder; /* of this run */
    EFI_FILE_HANDLE file;   /* being written */
    bool broken;            /* a write failed: no more writes */
};

static struct {
    struct volume main;   /* where Assay was started from */
    struct volume mirror; /* the ASSAY partition, where there is one */
    EFI_FILE_HANDLE journal;
} state;

static void widen(CHAR16 *to, size_t count, const char *from)
{
    size_t i = 0;

    for (; from[i] && i + 1 < count; i++)
        to[i] = (CHAR16)(unsigned char)from[i];
    to[i] = 0;
}

static EFI_FILE_HANDLE open_file(EFI_FILE_HANDLE root, const char *path, UINT64 mode,
                                 UINT64 attributes)
{
    CHAR16 wide[PATH_MAX_CHARS];
    EFI_FILE_HANDLE file = NULL;

    widen(wide, PATH_MAX_CHARS, path);
    if (!root || EFI_ERROR(root->Open(root, &file, wide, mode, attributes)))
        return NULL;
    return file;
}

static EFI_FILE_HANDLE open_root(EFI_HANDLE handle)
{
    EFI_FILE_IO_INTERFACE *system = protocol_on(handle, &file_system_guid);
    EFI_FILE_HANDLE root = NULL;

    if (!system || EFI_ERROR(system->OpenVolume(system, &root)))
        return NULL;
    return root;
}

static bool volume_info(EFI_FILE_HANDLE root, EFI_FILE_SYSTEM_INFO *info, UINTN size)
{
    return root && !EFI_ERROR(root->GetInfo(root, &file_system_info_guid, &size, info));
}

/* True when both volumes lie on one disk: their paths are equal up to the partition node. */
static bool same_disk(EFI_HANDLE a, EFI_HANDLE b)
{
    const EFI_DEVICE_PATH *left = protocol_on(a, &device_path_guid);
    const EFI_DEVICE_PATH *right = protocol_on(b, &device_path_guid);
    const EFI_DEVICE_PATH *left_media = path_find(left, PATH_MEDIA, PATH_PARTITION);
    const EFI_DEVICE_PATH *right_media = path_find(right, PATH_MEDIA, PATH_PARTITION);
    size_t size;

    if (!left_media || !right_media)
        return false;
    size = (size_t)((const uint8_t *)left_media - (const uint8_t *)left);
    return size == (size_t)((const uint8_t *)right_media - (const uint8_t *)right) &&
           !memcmp(left, right, size);
}

static bool is_labelled_assay(EFI_FILE_HANDLE root)
{
    static const CHAR16 label[] = {'A', 'S', 'S', 'A', 'Y', 0};
    UINT8 buffer[INFO_SIZE] __attribute__((aligned(8)));
    EFI_FILE_SYSTEM_INFO *info = (EFI_FILE_SYSTEM_INFO *)buffer;

    return volume_info(root, info, sizeof(buffer)) && !info->ReadOnly &&
           !memcmp(info->VolumeLabel, label, sizeof(label));
}

static void open_mirror(void)
{
    EFI_HANDLE handles[HANDLES];
    size_t count = handles_with(&file_system_guid, handles, HANDLES);

    for (size_t i = 0; i < count && !state.mirror.root; i++) {
        EFI_FILE_HANDLE root;

        if (handles[i] == firmware.loaded->DeviceHandle ||
            !same_disk(handles[i], firmware.loaded->DeviceHandle))
            continue;
        root = open_root(handles[i]);
        if (is_labelled_assay(root))
            state.mirror.root = root;
    }
}

bool files_open(char *ret_reason, size_t size)
{
    EFI_HANDLE handle = firmware.loaded ? firmware.loaded->DeviceHandle : NULL;
    UINT8 buffer[INFO_SIZE] __attribute__((aligned(8)));
    EFI_FILE_SYSTEM_INFO *info = (EFI_FILE_SYSTEM_INFO *)buffer;

    state.main.root = open_root(handle);
    if (!state.main.root) {
        copy_text(ret_reason, size, "Assay was not started from a file system");
        return false;
    }
    open_mirror();
    if (path_find(protocol_on(handle, &device_path_guid), PATH_MEDIA, PATH_CDROM)) {
        copy_text(ret_reason, size, "Assay was started from a CD");
        return false;
    }
    if (volume_info(state.main.root, info, sizeof(buffer)) && info->ReadOnly) {
        copy_text(ret_reason, size, "the medium is write-protected");
        return false;
    }
    return true;
}

int files_read(const char *path, void *buffer, size_t size, size_t *ret_size)
{
    EFI_FILE_HANDLE file = open_file(state.main.root, path, EFI_FILE_MODE_READ, 0);
    UINTN count = size;
    EFI_STATUS status;

    if (!file)
        return ERR_ABSENT;
    status = file->Read(file, &count, buffer);
    file->Close(file);
    if (EFI_ERROR(status))
        return firmware_error(status);
    if (count == size)
        return ERR_FULL;
    *ret_size = count;
    return OK;
}

bool files_exists(const char *path)
{
    EFI_FILE_HANDLE file = open_file(state.main.root, path, EFI_FILE_MODE_READ, 0);

    if (file)
        file->Close(file);
    return file != NULL;
}

static void journal_path(char *path, uint32_t number)
{
    format_text(path, PATH_MAX_CHARS, "%s\\%04u\\%s", runs_path, number, journal_name);
}

/* The number in a folder's name of four or more digits; 0 for any other name. */
static uint32_t run_number(const CHAR16 *name)
{
    uint32_t number = 0;
    unsigned digits = 0;

    for (; name[digits] >= '0' && name[digits] <= '9' && digits < 8; digits++)
        number = number * 10 + (uint32_t)(name[digits] - '0');
    return digits >= 4 && !name[digits] ? number : 0;
}

uint32_t files_last_run(void)
{
    EFI_FILE_HANDLE runs = open_file(state.main.root, runs_path, EFI_FILE_MODE_READ, 0);
    UINT8 buffer[INFO_SIZE] __attribute__((aligned(8)));
    uint32_t last = 0;

    for (unsigned i = 0; runs && i < RUNS_MAX; i++) {
        UINTN size = sizeof(buffer);
        uint32_t number;

        if (EFI_ERROR(runs->Read(runs, &size, buffer)) || !size)
            break;
        number = run_number(((EFI_FILE_INFO *)buffer)->FileName);
        if (number > last)
            last = number;
    }
    if (runs)
        runs->Close(runs);
    return last;
}

bool files_look_back(uint32_t number, struct files_prior *ret_prior, void *buffer, size_t size)
{
    struct journal_reader reader;
    struct event event;
    char path[PATH_MAX_CHARS];
    size_t count = 0;

    journal_path(path, number);
    if (files_read(path, buffer, size, &count) ||
        !journal_is_unfinished(buffer, count, &ret_prior->run))
        return false;
    reader = journal_read_from(buffer, count);
    while (journal_read(&reader, &event))
        continue;
    ret_prior->run.number = number;
    ret_prior->end = reader.offset;
    ret_prior->sequence = reader.sequence;
    return true;
}

static int set_size(EFI_FILE_HANDLE file, uint64_t size)
{
    UINT8 buffer[INFO_SIZE] __attribute__((aligned(8)));
    EFI_FILE_INFO *info = (EFI_FILE_INFO *)buffer;
    UINTN length = sizeof(buffer);

    if (EFI_ERROR(file->GetInfo(file, &file_info_guid, &length, info)))
        return ERR_IO;
    info->FileSize = size;
    return firmware_error(file->SetInfo(file, &file_info_guid, length, info));
}

void files_acknowledge(const struct files_prior *prior)
{
    struct event event = {.type = EVENT_RUN_END, .run_end.ending = ENDED_CUT};
    static char line[JOURNAL_LINE_MAX];
    char path[PATH_MAX_CHARS];
    UINTN length = journal_encode(line, sizeof(line), prior->sequence + 1, &event);
    EFI_FILE_HANDLE file;

    journal_path(path, prior->run.number);
    file = open_file(state.main.root, path, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0);
    if (!file)
        return;
    if (!EFI_ERROR(file->SetPosition(file, prior->end)) &&
        !EFI_ERROR(file->Write(file, &length, line)))
        set_size(file, prior->end + length);
    file->Close(file);
}

/* Opens a folder below `parent`, making it where it is not there. */
static EFI_FILE_HANDLE make_folder(EFI_FILE_HANDLE parent, const char *name)
{
    return open_file(parent, name, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE,
                     EFI_FILE_DIRECTORY);
}

static int volume_start_run(struct volume *volume, uint32_t number)
{
    EFI_FILE_HANDLE assay = make_folder(volume->root, "assay");
    EFI_FILE_HANDLE runs = make_folder(assay, "runs");
    char name[16];

    format_text(name, sizeof(name), "%04u", number);
    volume->folder = make_folder(runs, name);
    if (runs)
        runs->Close(runs);
    if (assay)
        assay->Close(assay);
    volume->broken = !volume->folder;
    return volume->folder ? OK : ERR_REFUSED;
}

static int volume_create(struct volume *volume, const char *name)
{
    if (volume->broken)
        return ERR_REFUSED;
    volume->file = open_file(volume->folder, name,
                             EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE, 0);
    volume->broken = !volume->file;
    return volume->broken ? ERR_IO : OK;
}

static int volume_append(struct volume *volume, const void *data, size_t size)
{
    UINTN count = size;
    EFI_STATUS status;

    if (volume->broken || !volume->file)
        return ERR_REFUSED;
    status = volume->file->Write(volume->file, &count, (void *)data);
    volume->broken = EFI_ERROR(status) || count != size;
    return EFI_ERROR(status) ? firmware_error(status) : count == size ? OK : ERR_FULL;
}

static int volume_finish(struct volume *volume)
{
    EFI_STATUS status;

    if (!volume->file)
        return ERR_REFUSED;
    status = volume->broken ? EFI_DEVICE_ERROR : volume->file->Flush(volume->file);
    volume->file->Close(volume->file);
    volume->file = NULL;
    return firmware_error(status);
}

/* The mirror is a convenience: its failure is not the store's. */
static int create(void *context, const char *name)
{
    (void)context;
    volume_create(&state.mirror, name);
    return volume_create(&state.main, name);
}

static int append(void *context, const void *data, size_t size)
{
    (void)context;
    volume_append(&state.mirror, data, size);
    return volume_append(&state.main, data, size);
}

static int finish(void *context)
{
    (void)context;
    volume_finish(&state.mirror);
    return volume_finish(&state.main);
}

static int journal_create(void *context, size_t size)
{
    char *blanks = pages_for(BLANKS);
    int error;

    (void)context;
    if (!blanks)
        return ERR_FULL;
    error = volume_create(&state.main, journal_name);
    if (error)
        return error;
    memset(blanks, ' ', BLANKS);
    for (size_t done = 0; done < size && !error; done += BLANKS)
        error = volume_append(&state.main, blanks, size - done < BLANKS ? size - done : BLANKS);
    give_pages_back(blanks, BLANKS);
    state.journal = state.main.file;
    state.main.file = NULL;
    if (!error)
        error = firmware_error(state.journal->Flush(state.journal));
    return error;
}

static int journal_write(void *context, size_t offset, const void *data, size_t size)
{
    UINTN count = size;
    EFI_STATUS status;

    (void)context;
    if (state.main.broken || !state.journal)
        return ERR_REFUSED;
    status = state.journal->SetPosition(state.journal, offset);
    if (!EFI_ERROR(status))
        status = state.journal->Write(state.journal, &count, (void *)data);
    state.main.broken = EFI_ERROR(status) || count != size;
    return EFI_ERROR(status) ? firmware_error(status) : count == size ? OK : ERR_FULL;
}

static int journal_flush(void *context)
{
    EFI_STATUS status;

    (void)context;
    if (state.main.broken || !state.journal)
        return ERR_REFUSED;
    status = state.journal->Flush(state.journal);
    state.main.broken = EFI_ERROR(status);
    return firmware_error(status);
}

static int journal_close(void *context, size_t size)
{
    int error;

    (void)context;
    if (!state.journal)
        return ERR_ABSENT;
    error = state.main.broken ? ERR_REFUSED : set_size(state.journal, size);
    state.journal->Close(state.journal);
    state.journal = NULL;
    return error;
}

int files_start_run(uint32_t number, struct store *ret_store)
{
    int error = volume_start_run(&state.main, number);

    state.mirror.broken = true;
    if (!error && state.mirror.root)
        volume_start_run(&state.mirror, number);
    if (error)
        return error;
    *ret_store = (struct store){
        .create = create,
        .append = append,
        .finish = finish,
        .journal_create = journal_create,
        .journal_write = journal_write,
        .journal_flush = journal_flush,
        .journal_close = journal_close,
    };
    return OK;
}
