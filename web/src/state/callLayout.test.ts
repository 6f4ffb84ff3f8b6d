import { describe, expect, it } from "vitest";
import { arrange, cornerAt, nextCorner, order, place, type Seat } from "./callLayout";

const me: Seat = { id: "me", self: true, role: "patient" };
const doctor: Seat = { id: "doc", self: false, role: "practitioner" };
const interpreter: Seat = { id: "int", self: false, role: "guest" };
const room = { width: 1280, height: 720, gap: 8 };
const phone = { width: 360, height: 560, gap: 8 };

describe("arrange", () => {
  const cases: {
    name: string;
    seats: Seat[];
    sharing: boolean;
    mode: string;
    floating: boolean;
  }[] = [
    { name: "nobody else", seats: [me], sharing: false, mode: "alone", floating: true },
    { name: "two people", seats: [me, doctor], sharing: false, mode: "pair", floating: true },
    {
      name: "three people",
      seats: [me, doctor, interpreter],
      sharing: false,
      mode: "grid",
      floating: false,
    },
    { name: "share of one", seats: [me, doctor], sharing: true, mode: "share", floating: false },
  ];
  for (const test of cases) {
    it(test.name, () => {
      const got = arrange(test.seats, test.sharing, room);
      expect(got.mode).toBe(test.mode);
      expect(got.floating).toBe(test.floating);
    });
  }

  it("fills the stage with the other person in a pair", () => {
    const got = arrange([me, doctor], false, room);
    expect(got.seats).toEqual([{ id: "doc", box: { x: 0, y: 0, width: 1280, height: 720 } }]);
  });

  it("gives everybody a place beside a shared screen, the screen more than half", () => {
    for (const size of [room, phone]) {
      const got = arrange([me, doctor, interpreter], true, size);
      expect(got.seats.map((seat) => seat.id)).toEqual(["doc", "int", "me"]);
      const share = got.share ?? { width: 0, height: 0 };
      expect(share.width * share.height).toBeGreaterThan((size.width * size.height) / 2);
    }
  });

  it("puts three people under one another on a phone", () => {
    const got = arrange([me, doctor, interpreter], false, phone);
    expect(new Set(got.seats.map((seat) => seat.box.x)).size).toBe(1);
  });
});

describe("place", () => {
  it("never overlaps tiles nor leaves the area", () => {
    const people = Array.from({ length: 9 }, (_, index) => ({ ...doctor, id: `p${index}` }));
    for (let count = 1; count <= people.length; count++) {
      for (const size of [room, phone, { width: 740, height: 300, gap: 8 }]) {
        const area = { x: 0, y: 0, width: size.width, height: size.height };
        const boxes = place(people.slice(0, count), area, size.gap).map((seat) => seat.box);
        expect(boxes).toHaveLength(count);
        for (const box of boxes) {
          expect(box.x).toBeGreaterThanOrEqual(0);
          expect(box.y).toBeGreaterThanOrEqual(0);
          expect(box.x + box.width).toBeLessThanOrEqual(size.width + 1);
          expect(box.y + box.height).toBeLessThanOrEqual(size.height + 1);
        }
        for (const [index, a] of boxes.entries()) {
          for (const b of boxes.slice(index + 1)) {
            const apart =
              a.x + a.width <= b.x ||
              b.x + b.width <= a.x ||
              a.y + a.height <= b.y ||
              b.y + b.height <= a.y;
            expect(apart).toBe(true);
          }
        }
      }
    }
  });

  it("survives an area of no size", () => {
    expect(place([doctor], { x: 0, y: 0, width: 0, height: 0 }, 8)).toEqual([]);
  });
});

describe("order", () => {
  it("is the same for any order of arrival", () => {
    const patient: Seat = { id: "pat", self: false, role: "patient" };
    const want = ["doc", "int", "pat", "me"];
    expect(order([me, patient, interpreter, doctor]).map((seat) => seat.id)).toEqual(want);
    expect(order([doctor, interpreter, me, patient]).map((seat) => seat.id)).toEqual(want);
  });
});

describe("corners", () => {
  it("go round and come back", () => {
    let corner: ReturnType<typeof nextCorner> = "bottom-right";
    const seen = new Set<string>();
    for (let step = 0; step < 4; step++) {
      seen.add(corner);
      corner = nextCorner(corner);
    }
    expect(seen.size).toBe(4);
    expect(corner).toBe("bottom-right");
  });

  it("is the quarter of the stage where the picture was dropped", () => {
    const stage = { width: 100, height: 100 };
    expect(cornerAt(10, 10, stage)).toBe("top-left");
    expect(cornerAt(90, 10, stage)).toBe("top-right");
    expect(cornerAt(10, 90, stage)).toBe("bottom-left");
    expect(cornerAt(90, 90, stage)).toBe("bottom-right");
  });
});
