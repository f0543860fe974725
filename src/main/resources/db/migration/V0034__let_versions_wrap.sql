-- The number after the largest integer is the smallest, so a user whose version was set to the largest by SQL can change.
alter table users drop constraint users_version_sound;
