alter table roles add column description text not null default '';

update roles set description = 'Everything' where name = 'admin';
update roles set description = 'Reads users; creates and changes those who hold no more' where name = 'editor';
update roles set description = 'Reads users' where name = 'viewer';
update roles set description = 'Their own account' where name = 'member';
