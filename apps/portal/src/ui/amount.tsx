import { exactMoney, formatMoney, type Money } from '../format';

/** Money: rounded to what can be read, exact on hover. */
export function Amount({ money }: { money: Money }) {
  return (
    <span title={exactMoney(money)} className="whitespace-nowrap">
      {formatMoney(money)}
    </span>
  );
}
