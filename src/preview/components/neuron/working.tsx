import { grouped } from '../../../network/arithmetic.js';
import { formatSum, formatValue } from '../../format.js';
import type { Copy, Curve, Formula, Opaque, Pooling, Terms, UnitOf, UnitReport } from '../../unit/unit.js';
import { useModel } from '../context.js';
import { CurvePlot } from './curve-plot.js';
import { Matrix } from './matrix.js';
import { ProductsView } from './products-view.js';
import { Result } from './result.js';

interface WorkingViewProps {
  readonly report: UnitReport;
  /** The channel of the input that is shown. */
  readonly channel: number;
  readonly choose: (channel: number) => void;
  readonly nameOf: (channel: number) => string;
}

/** The number of a unit, worked out. */
export function WorkingView(props: WorkingViewProps) {
  const { report } = props;
  const { working, value } = report;
  switch (working.type) {
    case 'products':
      return <ProductsView {...props} working={working} />;
    case 'pooling':
      return <PoolingView working={working} value={value} />;
    case 'curve':
      return <CurveView working={working} value={value} />;
    case 'terms':
      return <TermsView working={working} value={value} />;
    case 'copy':
      return <CopyView working={working} value={value} />;
    case 'formula':
      return <FormulaView working={working} value={value} />;
    case 'opaque':
      return <OpaqueView working={working} value={value} />;
  }
}

function PoolingView({ working, value }: { readonly working: Pooling; readonly value: number }) {
  const { how, height, width, values, outside, divisor } = working;
  const seen = [...values].filter((_, i) => !outside[i]);
  const chosen = how === 'largest' ? values.findIndex((each, i) => !outside[i] && Object.is(each, value)) : undefined;
  const sum = seen.reduce((total, each) => total + each, 0);
  return (
    <div class="working">
      <Matrix
        height={height}
        width={width}
        numbers={values}
        outside={outside}
        chosen={chosen}
        label={`The ${grouped(values.length)} numbers under the window`}
      />
      {how === 'largest' ? (
        <Result value={Math.max(...seen)}>The largest of {grouped(seen.length)}</Result>
      ) : (
        <Result value={divisor > 0 ? sum / divisor : 0}>
          The mean: {formatValue(sum)}/{grouped(divisor)}
        </Result>
      )}
    </div>
  );
}

const CurveView = ({ working, value }: { readonly working: Curve; readonly value: number }) => (
  <div class="working">
    <CurvePlot curve={working} value={value} />
    <Result value={value}>f({formatValue(working.input)})</Result>
  </div>
);

function TermsView({ working: { operator, terms }, value }: { readonly working: Terms; readonly value: number }) {
  return (
    <div class="working">
      <ul class="terms">
        {terms.map(({ unit, value }) => (
          <li key={unit.layer}>
            <UnitLink unit={unit} /> <span class="number">{formatValue(value)}</span>
          </li>
        ))}
      </ul>
      <Result value={value}>
        {operator === 'max'
          ? `The largest of ${terms.length}`
          : operator === '+'
            ? formatSum(terms.map((term) => term.value))
            : terms.map((term) => formatValue(term.value)).join(' · ')}
      </Result>
    </div>
  );
}

const CopyView = ({ working: { from }, value }: { readonly working: Copy; readonly value: number }) => (
  <div class="working">
    <Result value={value}>
      {from ? (
        <>
          Taken over as it is from <UnitLink unit={from} />
        </>
      ) : (
        'Padding'
      )}
    </Result>
  </div>
);

const FormulaView = ({ working, value }: { readonly working: Formula; readonly value: number }) => (
  <div class="working">
    <p class="formula">{working.formula}</p>
    <Result value={value}>{working.worked}</Result>
  </div>
);

const OpaqueView = ({ working: { input }, value }: { readonly working: Opaque; readonly value: number }) => (
  <div class="working">
    {input === null ? (
      <Result value={value}>Of all it reads</Result>
    ) : (
      <Result value={value}>From {formatValue(input)}</Result>
    )}
  </div>
);

/** A unit of another layer, to go on to. */
function UnitLink({ unit }: { readonly unit: UnitOf }) {
  const model = useModel();
  return (
    <button type="button" class="link" onClick={() => model.look(unit)}>
      {unit.layer} [{unit.channel}] at {unit.row}, {unit.column}
    </button>
  );
}
