/** Who may what in the space: roles of members, trainers of courses, maintainers of machines. Accounts stand on their own page. */
import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useDeferredValue, useState } from "react";
import { dayOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import type { PageProps } from "../pages.ts";
import { peoplePart } from "../staff/wire.ts";
import { FormDialog, fieldOf } from "./FormDialog.tsx";
import { type RoleSheet, roleSheet } from "./wire.ts";

type Give = (name: string, input: object) => Promise<unknown>;
type Qualification = RoleSheet["qualifications"][number];
type Who = RoleSheet["people"][number];

export function RolesPage({ session }: PageProps) {
  const { t } = useWords();
  const { data, problem } = useRead("/api/roles", roleSheet);
  const { state, give } = useGive();
  return (
    <div className="page">
      <PageHead title={t("nav.roles")} />
      <p>
        {t("roles.accounts")} <PageLink to="/accounts">{t("roles.accounts_link")}</PageLink>
      </p>
      <ProblemAlert problem={problem} />
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {data === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {data !== undefined && (
        <>
          <People sheet={data} give={give} isOwner={session.role === "owner"} />
          <Qualified office="trainer" sheet={data} give={give} />
          <Qualified office="maintainer" sheet={data} give={give} />
        </>
      )}
    </div>
  );
}

const spaceRoles = ["staff", "steward", "responder"] as const;

function People({ sheet, give, isOwner }: { readonly sheet: RoleSheet; readonly give: Give; readonly isOwner: boolean }) {
  const { t, knows } = useWords();
  const [setting, setSetting] = useState<Who | "new">();
  const roleOf = (role: string): string => {
    const key = `roles.${role}`;
    return knows(key) ? t(key) : role;
  };
  return (
    <>
      <Section
        title={t("roles.people")}
        count={sheet.people.length}
        empty={t("roles.people_none")}
        action={
          isOwner ? (
            <Button size="xs" variant="default" onClick={() => setSetting("new")}>
              {t("roles.set")} …
            </Button>
          ) : (
            <span className="quiet">{t("roles.owner_only")}</span>
          )
        }
      >
        <ul className="rows" data-testid="roles">
          {sheet.people.map((one) => (
            <li key={one.who.member} className="row">
              <div className="row-text">
                <p>
                  <PageLink to={`/people/${one.who.member}`}>{one.who.name}</PageLink>
                </p>
                <p className="quiet">{one.roles.map(roleOf).join(", ")}</p>
              </div>
              {isOwner && (
                <div className="row-act">
                  <Button size="xs" variant="default" onClick={() => setSetting(one)}>
                    {t("roles.set")} … <span className="visually-hidden">{one.who.name}</span>
                  </Button>
                </div>
              )}
            </li>
          ))}
        </ul>
      </Section>
      {setting !== undefined && (
        <RolesDialog
          one={setting === "new" ? null : setting}
          sheet={sheet}
          onClose={() => setSetting(undefined)}
          onRoles={(input) => void give("setRoles", input)}
        />
      )}
    </>
  );
}

type RolesProps = {
  /** null: somebody who has none yet */
  readonly one: Who | null;
  readonly sheet: RoleSheet;
  readonly onClose: () => void;
  readonly onRoles: (input: object) => void;
};
/** `setRoles` sets trainer and maintainer of everything, too: whoever is one of all stays it. */
function RolesDialog({ one, sheet, onClose, onRoles }: RolesProps) {
  const { t } = useWords();
  return (
    <FormDialog
      title={one === null ? t("roles.set") : t("roles.set_of", { name: one.who.name })}
      submit={t("form.save")}
      onClose={onClose}
      onForm={(form) => {
        const member = one?.who.member ?? Number(form.get("member"));
        if (!(member > 0)) return false;
        const general = sheet.qualifications.filter(({ who, scope }) => who.member === member && scope === null).map(({ role }) => role);
        onRoles({ member, roles: [...spaceRoles.filter((role) => form.has(role)), ...general] });
        return true;
      }}
    >
      {one === null && <MemberField />}
      {spaceRoles.map((role) => (
        <Checkbox key={role} name={role} label={t(`roles.${role}`)} defaultChecked={one?.roles.includes(role) === true} />
      ))}
    </FormDialog>
  );
}

const words = {
  trainer: { title: "roles.trainers", none: "roles.trainers_none", all: "roles.every_course", of: "filter.course" },
  maintainer: { title: "roles.maintainers", none: "roles.maintainers_none", all: "roles.every_machine", of: "indicator.machine" },
} as const;

function Qualified({ office: role, sheet, give }: { readonly office: keyof typeof words; readonly sheet: RoleSheet; readonly give: Give }) {
  const texts = useWords();
  const { t } = texts;
  const { title, none, all, of } = words[role];
  const [isAdding, setAdding] = useState(false);
  const [ended, setEnded] = useState<Qualification>();
  const rows = sheet.qualifications.filter((one) => one.role === role);
  const scopes = role === "trainer" ? sheet.courses : sheet.machines;
  return (
    <>
      <Section
        title={t(title)}
        count={rows.length}
        empty={t(none)}
        action={
          <Button size="xs" variant="default" onClick={() => setAdding(true)}>
            {t("form.add")} … <span className="visually-hidden">{t(title)}</span>
          </Button>
        }
      >
        <ul className="rows" data-testid={role}>
          {rows.map((one) => (
            <li key={`${one.who.member} ${one.scope?.id}`} className="row">
              <div className="row-text">
                <p>
                  <PageLink to={`/people/${one.who.member}`}>{one.who.name}</PageLink> · {one.scope?.label ?? t(all)}
                </p>
                {one.through !== null && <p className="quiet">{t("roles.until", { day: dayOf(one.through, "UTC", texts) })}</p>}
              </div>
              <div className="row-act">
                <Button size="xs" variant="default" onClick={() => setEnded(one)}>
                  {t("roles.end")} … <span className="visually-hidden">{one.who.name}</span>
                </Button>
              </div>
            </li>
          ))}
        </ul>
      </Section>
      {isAdding && (
        <FormDialog
          title={t(title)}
          submit={t("form.add")}
          onClose={() => setAdding(false)}
          onForm={(form) => {
            const member = Number(form.get("member"));
            if (!(member > 0)) return false;
            const [scope, through] = [fieldOf(form, "scope"), fieldOf(form, "through")];
            void give("addQualification", { member, role, scope: scope === "" ? null : scope, through: through === "" ? null : through });
            return true;
          }}
        >
          <MemberField />
          <NativeSelect
            name="scope"
            label={t(of)}
            data={[{ value: "", label: t(all) }, ...scopes.map(({ id, label }) => ({ value: id, label }))]}
          />
          <TextInput name="through" type="date" label={t("roles.through")} />
        </FormDialog>
      )}
      {ended !== undefined && (
        <FormDialog
          title={t("roles.end_of", { name: ended.who.name })}
          submit={t("roles.end")}
          onClose={() => setEnded(undefined)}
          onForm={() => {
            void give("endQualification", { member: ended.who.member, role, scope: ended.scope?.id ?? null });
            return true;
          }}
        />
      )}
    </>
  );
}

/** A member found by name or number: the field `member` has their number. */
function MemberField() {
  const { t } = useWords();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const { data } = useRead(wanted === "" ? null : `/api/people?q=${encodeURIComponent(wanted)}&show=active`, peoplePart);
  const found = wanted === "" ? [] : (data?.rows ?? []);
  return (
    <>
      <TextInput
        label={t("roles.member")}
        value={text}
        required
        maxLength={60}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <NativeSelect
        name="member"
        label={t("roles.which")}
        data={found.map(({ member, name }) => ({ value: String(member), label: `${name} #${member}` }))}
      />
    </>
  );
}
