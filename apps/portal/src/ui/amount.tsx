import { exactMoney, formatMinor, formatMoney, type MinorAmount, type Money } from '../format';

/** Money: rounded to what can be read, exact on hover. */
export function Amount({ money }: { money: Money }) {
  return (
    <span title={exactMoney(money)} className="whitespace-nowrap">
      {formatMoney(money)}
    </span>
  );
}

/** What is billed: exact as it stands. */
export function BilledAmount({ amount }: { amount: MinorAmount }) {
  return <span className="whitespace-nowrap tabular-nums">{formatMinor(amount)}</span>;
}
