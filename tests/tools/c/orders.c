#include <string.h>

static const char *priority(int overdue, int critical) {
    if (overdue && critical) {
        return "high";
    }
    return overdue ? "medium" : "low";
}

static int never(void) {
    return 7;
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 5) {
        return never();
    }
    return strcmp(priority(1, 1), "high") || strcmp(priority(0, 1), "low");
}
