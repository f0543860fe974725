package dev.usersapi.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The faults that {@link FaultIT} causes at a {@link FaultSite}. */
enum Fault {
    SERVICE_KILLED("kill -9 of the service") {
        @Override
        void cause(FaultSite site) {
            site.killService();
        }

        @Override
        void repair(FaultSite site) {
            site.startService();
        }
    },
    POSTGRES_KILLED("kill -9 of PostgreSQL") {
        @Override
        void cause(FaultSite site) {
            signal("KILL", site.service().postgres());
        }
    },
    BACKEND_KILLED("kill -9 of a connection's process") {
        @Override
        void cause(FaultSite site) {
            long backend = JdbcClient.create(site.dataSource())
                    .sql("select max(pid) from pg_stat_activity"
                            + " where backend_type = 'client backend' and pid <> pg_backend_pid()")
                    .query(Long.class)
                    .single();
            signal("KILL", ProcessHandle.of(backend).orElseThrow());
        }
    },
    POSTGRES_STOPPED("immediate stop of PostgreSQL") {
        @Override
        void cause(FaultSite site) {
            signal("QUIT", site.service().postgres());
        }
    },
    POSTGRES_FROZEN("SIGSTOP of PostgreSQL") {
        @Override
        void cause(FaultSite site) {
            ProcessHandle postmaster = site.service().postgres();
            signal("STOP", postmaster); // first, so that it starts no more processes
            postmaster.descendants().forEach(process -> signal("STOP", process));
        }

        @Override
        void repair(FaultSite site) {
            ProcessHandle postmaster = site.service().postgres();
            postmaster.descendants().forEach(process -> signal("CONT", process));
            signal("CONT", postmaster);
        }
    },
    SERVICE_FROZEN("SIGSTOP of the service") {
        @Override
        void cause(FaultSite site) {
            signal("STOP", site.service().handle());
        }

        @Override
        void repair(FaultSite site) {
            signal("CONT", site.service().handle());
        }
    },
    REDIS_KILLED("kill -9 of Redis") {
        @Override
        void cause(FaultSite site) {
            site.redis().kill();
        }

        @Override
        void repair(FaultSite site) {
            site.redis().startAgain();
        }
    },
    REDIS_FROZEN("SIGSTOP of Redis") {
        @Override
        void cause(FaultSite site) {
            site.redis().freeze();
        }

        @Override
        void repair(FaultSite site) {
            site.redis().thaw();
        }
    },
    CONNECTIONS_CUT("connections cut") {
        @Override
        void cause(FaultSite site) {
            site.cut();
        }

        @Override
        void repair(FaultSite site) {
            site.reconnect();
        }
    },
    DISK_FULL("disk full") {
        @Override
        void cause(FaultSite site) {
            fill(filler(site));
            useUpWriteAheadLog(site);
        }

        @Override
        void repair(FaultSite site) {
            try {
                Files.delete(filler(site));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private final String text;

    Fault(String text) {
        this.text = text;
    }

    abstract void cause(FaultSite site);

    /** Ends a fault that lasts. The service recovers from the other faults by itself. */
    void repair(FaultSite site) {}

    /** Whether the fault lasts until {@link #repair} ends it. */
    boolean lasts() {
        return switch (this) {
            case POSTGRES_FROZEN, SERVICE_FROZEN, REDIS_KILLED, REDIS_FROZEN, CONNECTIONS_CUT, DISK_FULL -> true;
            default -> false;
        };
    }

    /** Whether the service must answer during the fault. */
    boolean serviceMustAnswer() {
        return this != SERVICE_KILLED && this != SERVICE_FROZEN;
    }

    /** Whether only shared rate limits are affected: each instance then counts its own requests, and no request may fail. */
    boolean affectsOnlyRateLimits() {
        return this == REDIS_KILLED || this == REDIS_FROZEN;
    }

    @Override
    public String toString() {
        return text;
    }

    private static void signal(String name, ProcessHandle process) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Path filler(FaultSite site) {
        return site.disk().orElseThrow().resolve("filler");
    }

    private static void fill(Path filler) {
        for (int size = 1 << 20; size >= 1 << 9; size >>= 1) {
            try (OutputStream file =
                    Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                byte[] block = new byte[size];
                while (true) {
                    file.write(block);
                }
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("No space left");
            }
        }
    }

    /** Uses up the allocated segments of the write-ahead log, so that the next write must allocate another one. */
    private static void useUpWriteAheadLog(FaultSite site) {
        try {
            JdbcClient database = JdbcClient.create(site.dataSource());
            for (int i = 0; i < 8; i++) {
                database.sql("select pg_logical_emit_message(false, 'fault', 'a'), pg_switch_wal()")
                        .query((row, number) -> "")
                        .list();
            }
        } catch (DataAccessException e) {
            // the disk is full already
        }
    }
}
