import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useParams } from "react-router";
import { ApiError, isApiError } from "../../api/errors";
import type { Questionnaire, QuestionText } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { useMe } from "../../state/me";
import {
  emptyParts,
  moved,
  newQuestion,
  questionnaireQuery,
  useSaveQuestionnaire,
} from "../../state/questionnaire";
import { serviceSettingsQuery } from "../../state/staff";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { ChevronLeftIcon, ListIcon, PlusIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { Segments } from "../../ui/Segments";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import styles from "./admin.module.css";
import { QuestionCard } from "./QuestionCard";
import own from "./questions.module.css";

const most = 40;

/** What patients are asked before a visit of one service. */
export default function QuestionnaireScreen() {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const { serviceId = "" } = useParams();
  const admin = me.role === "clinic_admin";
  const known = useQuery({ ...questionnaireQuery(serviceId), enabled: admin });
  const services = useQuery({ ...serviceSettingsQuery, enabled: admin });
  if (!admin) return <Navigate to="/calendar" replace />;
  const service = services.data?.items.find(({ id }) => id === serviceId);
  const name = service?.name[i18n.language] ?? service?.name[me.clinic.languages[0] ?? "ru"] ?? "";
  return (
    <div className={styles.page}>
      <title>{`${t("questions.title")} · ${me.clinic.name}`}</title>
      <Link to="/clinic/services" className={own.back}>
        <ChevronLeftIcon size={18} />
        {t("clinicPage.services")}
      </Link>
      <div>
        <h1>{t("questions.title")}</h1>
        <p className={styles.soft}>{name}</p>
      </div>
      {known.data ? (
        <Editor
          key={known.data.version}
          serviceId={serviceId}
          known={known.data}
          reload={() => void known.refetch()}
        />
      ) : known.error ? (
        <Failed title={t("clinicPage.failed")} error={known.error} retry={known.refetch} />
      ) : (
        <Skeleton lines={8} label={t("loading")} />
      )}
    </div>
  );
}

function Editor({
  serviceId,
  known,
  reload,
}: {
  serviceId: string;
  known: Questionnaire;
  reload: () => void;
}) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const format = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const save = useSaveQuestionnaire(serviceId);
  const { languages } = me.clinic;
  const main = languages[0] ?? "ru";
  const [language, setLanguage] = useState(main);
  const [questions, setQuestions] = useState<QuestionText[]>(known.questions);
  const [wrong, setWrong] = useState<readonly string[]>([]);
  const list = useRef<HTMLOListElement>(null);
  const [focus, setFocus] = useState<string>();
  const changed = JSON.stringify(questions) !== JSON.stringify(known.questions);
  const stale = isApiError(save.error, "version_stale");
  const names = new Intl.DisplayNames([i18n.language], { type: "language" });

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (changed) event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [changed]);
  useEffect(() => {
    if (!focus) return;
    list.current?.querySelector<HTMLElement>(`[data-question="${focus}"] input`)?.focus();
    setFocus(undefined);
  }, [focus]);

  const set = (i: number, next: QuestionText) => {
    setQuestions((all) => all.map((one, at) => (at === i ? next : one)));
    setWrong((all) => all.filter((pointer) => !pointer.startsWith(`/questions/${i}/`)));
  };
  const add = () => {
    const fresh = newQuestion();
    setQuestions((all) => [...all, fresh]);
    setFocus(fresh.id);
  };
  const publish = () => {
    const empty = emptyParts(questions, main);
    setWrong(empty);
    if (empty.length > 0) {
      setLanguage(main);
      return;
    }
    save.mutate(
      { version: known.version, questions },
      {
        onSuccess: () => toasts.show(t("questions.published"), "good"),
        onError: (error) => {
          if (error instanceof ApiError) setWrong([...error.fields.keys()]);
          toasts.show(errorText(error), "bad");
        },
      },
    );
  };
  return (
    <>
      <p>{t("questions.intro")}</p>
      {known.published && (
        <p className={styles.soft}>
          {t("questions.number", { n: known.number, date: format.date(known.published) })}
        </p>
      )}
      {languages.length > 1 && (
        <Segments
          label={t("questions.language")}
          value={language}
          options={languages.map((value) => ({ value, name: names.of(value) ?? value }))}
          onChange={setLanguage}
        />
      )}
      {questions.length === 0 && (
        <EmptyState icon={ListIcon} level={2} title={t("questions.none")}>
          {t("questions.noneText")}
        </EmptyState>
      )}
      <ol ref={list} className={own.questions}>
        {questions.map((question, i) => (
          <QuestionCard
            key={question.id}
            question={question}
            n={i + 1}
            of={questions.length}
            language={language}
            fallback={language === main ? undefined : main}
            wrong={wrong
              .filter((pointer) => pointer.startsWith(`/questions/${i}/`))
              .map((pointer) => pointer.slice(`/questions/${i}/`.length))}
            onChange={(next) => set(i, next)}
            onMove={(by) => {
              setQuestions((all) => moved(all, i, by));
              setWrong([]);
            }}
            onRemove={() => {
              setQuestions((all) => all.filter((_, at) => at !== i));
              setWrong([]);
            }}
          />
        ))}
      </ol>
      {stale && (
        <Notice tone="bad" action={<Button onClick={reload}>{t("action.reload")}</Button>}>
          {t("questions.stale")}
        </Notice>
      )}
      {wrong.length > 0 && (
        <Notice tone="bad">{t("questions.wrong", { count: wrong.length })}</Notice>
      )}
      <footer className={own.bar}>
        <Button
          icon={PlusIcon}
          disabled={questions.length >= most}
          data-testid="add-question"
          onClick={add}
        >
          {t("questions.add")}
        </Button>
        <Button
          variant="primary"
          disabled={!changed}
          busy={save.isPending}
          data-testid="publish"
          onClick={publish}
        >
          {t("questions.publish")}
        </Button>
      </footer>
    </>
  );
}
