/** `/me/cards`: my cards, and blocking one at once. */
import { Button, Card, Group, Modal, Stack } from "@mantine/core";
import { useState } from "react";
import { useWords } from "../../shared/language.tsx";
import { useGive } from "../../shared/use-give.ts";
import { dateOf, MyFrame, MyNote, useMe } from "./parts.tsx";
import type { Card as CardOf } from "./wire.ts";

export function CardsPage() {
  const words = useWords();
  const { t } = words;
  const { data, problem } = useMe();
  const [asked, setAsked] = useState<CardOf>();
  const { state, give } = useGive("own");
  const block = async (status: "lost" | "stolen"): Promise<void> => {
    if (asked !== undefined) await give("blockCard", { card: { cardKey: asked.cardKey }, status, reason: "blocked by its member" });
    setAsked(undefined);
  };
  return (
    <MyFrame title={t("nav.me_cards")} problem={problem}>
      {data?.cards.length === 0 && <p className="empty">{t("me.cards_none")}</p>}
      <Stack component="ul" p={0} m={0}>
        {data?.cards.map((card) => (
          <Card key={card.cardKey} withBorder component="li" data-status={card.status}>
            <Group justify="space-between">
              <div>
                <strong>{card.label}</strong>
                <p>
                  {card.status === "active" ? `✓ ${t("me.card_active")}` : `✕ ${t("me.card_blocked")}`}
                  {card.validThrough === null ? "" : ` · ${t("me.until", { time: dateOf(card.validThrough, words) })}`}
                </p>
              </div>
              {card.status === "active" && (
                <Button color="red.9" mih={44} aria-label={t("me.block_of", { name: card.label })} onClick={() => setAsked(card)}>
                  {t("me.block")}
                </Button>
              )}
            </Group>
          </Card>
        ))}
      </Stack>
      <MyNote state={state} />
      <Modal
        lockScroll={false}
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={t("me.block_of", { name: asked?.label ?? "" })}
        closeButtonProps={{ "aria-label": t("me.cancel") }}
      >
        <Stack>
          <p>{t("me.block_sure")}</p>
          <Button color="red.9" mih={44} onClick={() => void block("lost")}>
            {t("me.block_lost")}
          </Button>
          <Button color="red.9" mih={44} onClick={() => void block("stolen")}>
            {t("me.block_stolen")}
          </Button>
          <Button variant="default" mih={44} onClick={() => setAsked(undefined)}>
            {t("me.cancel")}
          </Button>
        </Stack>
      </Modal>
    </MyFrame>
  );
}
