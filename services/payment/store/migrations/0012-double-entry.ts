import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const tables = [
  sql`create table accounts (account_id text primary key, kind text not null, owner text not null, currency text not null)`,
  // Of what customers can spend a balance is kept, which may not go below nothing.
  sql`create table credit_accounts (
    account_id text primary key, credit_id text not null, customer_id text, gift_card_id text, currency text not null,
    balance bigint not null default 0 check (balance >= 0),
    unique (credit_id, currency))`,
  sql`create table postings (
    posting_id text primary key, event text not null, order_id text, tender_id text, request_id text, refund_id text,
    destination text, at timestamptz not null)`,
  sql`create index postings_of_order on postings (order_id)`,
  sql`create index postings_of_refund on postings (refund_id) where refund_id is not null`,
  sql`create table entries (
    posting_id text not null, account_id text not null, amount bigint not null check (amount <> 0),
    primary key (posting_id, account_id))`,
  sql`create index entries_of_account on entries (account_id)`,
]

const functions = [
  // As JavaScript's encodeURIComponent.
  sql`create function ledger_part(value text) returns text immutable language sql as $$
    select coalesce(string_agg(case when c collate "C" ~ '^[A-Za-z0-9._!~*''()-]$' then c
      else upper(regexp_replace(encode(convert_to(c, 'UTF8'), 'hex'), '(..)', '%\\1', 'g')) end, '' order by place), '')
    from regexp_split_to_table(value, '') with ordinality as characters (c, place) $$`,
  sql`create function ledger_credit_id(kind text, whose text, id text) returns text immutable language sql as $$
    select case kind when 'gift-card' then 'gc_' else 'sc_' end
      || left(encode(sha256(convert_to(kind || '/' || whose || '/' || id, 'UTF8')), 'hex'), 24) $$`,
  sql`create function ledger_account(kind text, owner text, currency text) returns text language plpgsql as $$
    declare id text := kind || '/' || ledger_part(owner) || '/' || currency;
    begin
      insert into accounts values (id, kind, owner, currency) on conflict do nothing;
      return id;
    end $$`,
  sql`create function ledger_post(posting postings, amount bigint, debit text, credit text) returns void language plpgsql as $$
    begin
      insert into postings select posting.*;
      insert into entries values (posting.posting_id, debit, amount), (posting.posting_id, credit, -amount);
    end $$`,
  // The same rules as `ledger/post.ts`, for what an earlier release has entered, and one that still runs beside this one.
  sql`create function ledger_enter(entry ledger) returns void language plpgsql as $$
    declare
      of_order orders; tender tenders; refund refunds; coin text; payment text; goes_to text; sales text; moving text;
      posting postings;
    begin
      if entry.amount = 0 then return; end if;
      select * into of_order from orders where order_id = entry.order_id;
      select * into tender from tenders where order_id = entry.order_id and tender_id = entry.tender_id;
      select * into refund from refunds where order_id = entry.order_id and refund_id = entry.refund_id;
      coin := coalesce(of_order.currency, refund.currency, 'XXX');
      sales := ledger_account('sales', coalesce(of_order.merchant_id, ''), coin);
      payment := ledger_account(
        case when tender.authorized or tender.channel = 'cash-on-delivery' then 'held' else 'provider' end,
        coalesce(tender.account, tender.channel, ''), coin);
      posting.order_id := entry.order_id; posting.tender_id := entry.tender_id; posting.request_id := entry.request_id;
      posting.refund_id := entry.refund_id; posting.destination := entry.destination; posting.at := entry.at;
      if entry.kind in ('capture', 'release') then
        posting.event := case entry.kind when 'capture' then 'captured' else 'released' end;
        posting.posting_id := ledger_part(entry.order_id) || '/' || ledger_part(entry.tender_id) || '/' || posting.event
          || coalesce('/' || substring(entry.entry_id from '/(?:capture|release)/([0-9]+)$'), '');
        perform ledger_post(posting, entry.amount,
          case entry.kind when 'capture' then payment else sales end, case entry.kind when 'capture' then sales else payment end);
        return;
      end if;
      goes_to := case entry.destination
        when 'bank-transfer' then ledger_account('bank', coalesce(of_order.merchant_id, ''), coin)
        when 'store-credit' then ledger_account('store-credit', ledger_credit_id('store-credit',
          case when of_order.customer_id is not null then 'customer' when tender.channel = 'store-credit' then 'payment' else 'order' end,
          coalesce(of_order.customer_id, case when tender.channel = 'store-credit' then tender.payment_ref end, entry.order_id)), coin)
        when 'gift-card' then ledger_account('gift-card', ledger_credit_id('gift-card',
          case when tender.channel = 'gift-card' then 'payment' else 'order' end,
          case when tender.channel = 'gift-card' then tender.payment_ref else entry.order_id end), coin)
        else payment end;
      if entry.destination in ('store-credit', 'gift-card') then
        insert into credit_accounts (account_id, credit_id, customer_id, gift_card_id, currency, balance)
        select account_id, owner, of_order.customer_id,
          case when kind = 'gift-card' and tender.channel = 'gift-card' then tender.payment_ref end, currency,
          case entry.kind when 'refund' then entry.amount else 0 end
        from accounts where account_id = goes_to
        on conflict (account_id) do update
          set balance = credit_accounts.balance + case entry.kind when 'refund' then entry.amount else -entry.amount end;
      end if;
      moving := ledger_account('in-transit', coalesce(of_order.merchant_id, ''), coin);
      if entry.kind = 'reversal' then
        posting.event := 'reversed';
        posting.posting_id := entry.refund_id || '/reversed';
        perform ledger_post(posting, entry.amount, goes_to, sales);
        return;
      end if;
      if ledger_in_transit(entry.order_id, entry.refund_id) = 0 then
        posting.event := 'accepted';
        posting.posting_id := entry.refund_id || '/accepted/' || coalesce(refund.round, 1);
        perform ledger_post(posting, entry.amount, sales, moving);
      end if;
      posting.event := 'succeeded';
      posting.posting_id := entry.refund_id || '/succeeded';
      perform ledger_post(posting, entry.amount, moving, goes_to);
    end $$`,
]

const inTransit = sql`create function ledger_in_transit(of_order text, refund text) returns bigint stable language sql as $$
  select coalesce(-sum(entries.amount), 0)::bigint
  from postings join entries using (posting_id) join accounts using (account_id)
  where postings.refund_id = refund and postings.order_id = of_order and kind = 'in-transit' $$`

/** What an earlier release reads and writes, so that it may run beside this one, and after it. */
const view = [
  sql`create view ledger as
    select order_id, posting_id as entry_id, tender_id, request_id, refund_id,
      case event when 'captured' then 'capture' when 'released' then 'release' when 'succeeded' then 'refund' else 'reversal' end as kind,
      (select sum(amount)::bigint from entries where entries.posting_id = postings.posting_id and amount > 0) as amount,
      destination, at
    from postings where event in ('captured', 'released', 'succeeded', 'reversed')`,
]

const insteadOfInsert = [
  sql`create function ledger_insert() returns trigger language plpgsql as $$
    begin
      perform ledger_enter(new);
      return new;
    end $$`,
  sql`create trigger ledger_insert instead of insert on ledger for each row execute function ledger_insert()`,
]

const rules = [
  sql`create function ledger_only_grows() returns trigger language plpgsql as $$
    begin
      raise exception 'expected the ledger only to grow, got % of %', tg_op, tg_table_name;
    end $$`,
  ...['accounts', 'postings', 'entries'].flatMap((table) => [
    sql`create trigger only_grows before update or delete on ${sql.table(table)} for each row execute function ledger_only_grows()`,
    sql`create trigger never_emptied before truncate on ${sql.table(table)} execute function ledger_only_grows()`,
  ]),
  sql`create function ledger_balanced() returns trigger language plpgsql as $$
    begin
      if (select count(*) < 2 or count(accounts.account_id) < count(*)
          from entries left join accounts using (account_id) where posting_id = new.posting_id)
        or exists (select from entries join accounts using (account_id) where posting_id = new.posting_id
          group by currency having sum(amount) <> 0) then
        raise exception 'expected posting % to have two entries or more, of known accounts, that add up to nothing', new.posting_id
          using errcode = 'check_violation';
      end if;
      return null;
    end $$`,
  ...['postings', 'entries'].map(
    (table) =>
      sql`create constraint trigger balanced after insert on ${sql.table(table)} deferrable initially deferred
        for each row execute function ledger_balanced()`,
  ),
]

/**
 * An earlier release that runs beside this one accepts refunds, and is refused ones that it had accepted, without a posting: that is made up
 * for as it commits.
 */
const madeUpFor = [
  sql`create function ledger_make_up() returns trigger language plpgsql as $$
    declare refund refunds; owner text; posted bigint; wanted bigint; sales text; moving text; posting postings;
    begin
      select * into refund from refunds where order_id = new.order_id and refund_id = new.refund_id;
      posted := ledger_in_transit(refund.order_id, refund.refund_id);
      wanted := case refund.state when 'pending' then refund.amount else 0 end;
      if posted = wanted then return null; end if;
      select merchant_id into owner from orders where order_id = refund.order_id;
      sales := ledger_account('sales', coalesce(owner, ''), refund.currency);
      moving := ledger_account('in-transit', coalesce(owner, ''), refund.currency);
      posting.event := case when posted < wanted then 'accepted' else 'late-no' end;
      posting.posting_id := concat_ws('/', refund.refund_id, posting.event, refund.round, 'made-up-for');
      posting.order_id := refund.order_id; posting.tender_id := refund.tender_id; posting.request_id := refund.request_id;
      posting.refund_id := refund.refund_id; posting.destination := refund.destination; posting.at := now();
      perform ledger_post(posting, abs(wanted - posted),
        case when posted < wanted then sales else moving end, case when posted < wanted then moving else sales end);
      return null;
    end $$`,
  sql`create constraint trigger in_transit after update on refunds deferrable initially deferred for each row
    when (old.state is distinct from new.state and (old.state = 'pending' or new.state = 'pending'))
    execute function ledger_make_up()`,
]

const copied = [
  sql`insert into ledger select * from entered order by at, order_id, case kind when 'reversal' then 1 else 0 end, entry_id`,
  sql`do $$
    declare refund refunds; owner text; posting postings;
    begin
      for refund in select * from refunds where state = 'pending' order by order_id, refund_id loop
        select merchant_id into owner from orders where order_id = refund.order_id;
        posting.posting_id := refund.refund_id || '/accepted/' || refund.round;
        posting.event := 'accepted'; posting.order_id := refund.order_id; posting.tender_id := refund.tender_id;
        posting.request_id := refund.request_id; posting.refund_id := refund.refund_id;
        posting.destination := refund.destination; posting.at := now();
        perform ledger_post(posting, refund.amount, ledger_account('sales', coalesce(owner, ''), refund.currency),
          ledger_account('in-transit', coalesce(owner, ''), refund.currency));
      end loop;
    end $$`,
  sql`drop table entered`,
]

/** The money ledger: postings of entries that add up to nothing. What the ledger before it had is in it, and is read and written under its old name too. */
export const doubleEntry: Migration = {
  up: async (database: Kysely<unknown>) => {
    const statements = [
      sql`alter table ledger rename to entered`,
      ...tables,
      inTransit,
      ...view,
      ...functions,
      ...insteadOfInsert,
      ...copied,
      ...rules,
      ...madeUpFor,
    ]
    for (const statement of statements) await statement.execute(database)
  },
}
