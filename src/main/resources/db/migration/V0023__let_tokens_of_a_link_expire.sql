-- a link that is asked for again lasts longer, but no token that was mailed before; null where the link tells
alter table link_tokens add column expires_at timestamptz;
