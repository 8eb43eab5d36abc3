/* Whatever would listen on all addresses listens on 127.0.0.1 instead. */
long syscall(long number, ...);
struct address { unsigned short family, port; unsigned int ip; unsigned char rest[8]; };
int bind(int fd, const struct address *wanted, unsigned int size)
{
    struct address local;
    if (wanted->family == 2 && wanted->ip == 0) {
        local = *wanted;
        local.ip = 0x0100007f;
        wanted = &local;
    }
    return syscall(49, fd, wanted, size);
}
